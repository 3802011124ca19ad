import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const texts = [
  '{',
  '',
  '\u0000'.repeat(5_000),
  `{"cniVersion":"0.4.0","name":"bad","plugins":[${'{"type":"bridge"},'.repeat(20_000)}{"type":"bridge"}]}`,
  `{"cniVersion":"0.4.0","name":"bad","plugins":[{"type":"bridge","ipam":{"type":"host-local","ranges":[${'[{"subnet":"10.7.0.0/24"}],'.repeat(10_000)}[]]}}]}`,
  '['.repeat(100_000),
];

/** Makes and removes bad files in the folder, and links to devices that never end. */
export async function litter(folder: string, isOver: () => boolean): Promise<void> {
  const at = (index: number) => path.join(folder, `bad-${index}.conflist`);
  while (!isOver()) {
    texts.forEach((text, index) => writeFileSync(at(index), text));
    symlinkSync('/dev/zero', at(100));
    symlinkSync('/proc/kmsg', at(101));
    symlinkSync(at(102), at(102));
    await sleep(100);
    for (const index of [...texts.keys(), 100, 101, 102]) rmSync(at(index), { force: true });
    await sleep(100);
  }
}
