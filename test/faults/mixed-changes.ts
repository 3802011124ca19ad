import { writeSync } from 'node:fs';
import { changeFolder, type ChangeGroup } from '../../src/host/files/folder-change.js';
import type { NameChange } from '../../src/host/files/name-change.js';

/**
 * A program that changes a folder in batches of creates, removals and replaces, and takes some of them back. Before a batch it prints the texts
 * that each name may have until its end, `{"may": {name: [text]}}`, and after it the text of each name, `{"is": {name: text}}`; null stands for
 * no file.
 */

const [folder = ''] = process.argv.slice(2);
const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}.conflist`);
const batches = 40;

const texts = new Map<string, string>();
let drawn = 1;
/** Draws the same numbers in each run; source: Numerical Recipes, a linear congruential generator. */
function draw(below: number): number {
  drawn = (drawn * 1_664_525 + 1_013_904_223) % 2 ** 32;
  return Math.floor((drawn / 2 ** 32) * below);
}

const say = (what: object) => writeSync(1, `${JSON.stringify(what)}\n`);
const now = (name: string) => texts.get(name) ?? null;

for (let batch = 0; batch < batches; batch += 1) {
  const planned = new Map(texts);
  const groups: (ChangeGroup & { readonly changes: readonly NameChange[] })[] = [];
  const may: Record<string, (string | null)[]> = Object.fromEntries(names.map((name) => [name, [now(name)]]));
  // All groups from this one on are taken back.
  const refused = draw(3) === 0 ? draw(4) : Infinity;
  for (let index = 0; index < 1 + draw(4); index += 1) {
    const changes = Array.from({ length: 1 + draw(2) }, (_, position): NameChange => {
      const fileName = names[(draw(names.length) + position) % names.length] ?? '';
      const before = planned.get(fileName);
      const after = before !== undefined && draw(2) === 0 ? undefined : `{"${fileName}": ${batch}.${index}${position}}`;
      if (after === undefined) planned.delete(fileName);
      else planned.set(fileName, after);
      may[fileName]?.push(after ?? null);
      return { fileName, before, after };
    });
    groups.push({ changes, isWaiting: () => true, accept: () => index < refused });
  }
  say({ may });
  const outcomes = await changeFolder(folder, groups);
  for (const [index, { changes }] of groups.entries()) {
    if (outcomes[index] === undefined) continue;
    for (const { fileName, after } of changes) {
      if (after === undefined) texts.delete(fileName);
      else texts.set(fileName, after);
    }
  }
  say({ is: Object.fromEntries(names.map((name) => [name, now(name)])) });
}
