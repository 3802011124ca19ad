import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A fenced block of a page. */
export interface Block {
  /** Line of the page that opens it, from 1 on. */
  readonly line: number;
  /** First word behind the fence; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** The HTML comment directly above, without its brackets; empty where there is none. */
  readonly note: string;
}

/** A Markdown page of the project. */
export interface Page {
  /** Relative to the project. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Targets of links as they are written. */
  readonly links: readonly string[];
  /** Fragments by which other pages name its headings. */
  readonly anchors: ReadonlySet<string>;
}

export const project = path.resolve(import.meta.dirname, '../..');

/** Folders whose pages are the project's, besides README.md at the top. */
const folders = ['src', 'systemd', 'openapi', 'test'];

export function readPages(): readonly Page[] {
  const names = folders.flatMap((folder) =>
    readdirSync(path.join(project, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('fixtures'))
      .map((name) => path.join(folder, name)),
  );
  return ['README.md', ...names.toSorted()].map(readPage);
}

export function readPage(name: string): Page {
  const text = readFileSync(path.join(project, name), 'utf8');
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll('](', ''));
  return {
    name,
    text,
    blocks: blocksOf(text),
    links: [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
    anchors: new Set([...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slugOf(heading))),
  };
}

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/(?:^<!-- ([^\n]*) -->\n\n?)?^```(\S*)[^\n]*\n(.*?)^```$/gms)].map((found) => ({
    line: text.slice(0, text.indexOf('```', found.index)).split('\n').length,
    language: found[2] ?? '',
    text: found[3] ?? '',
    note: found[1] ?? '',
  }));
}

/** source: github/html-pipeline lib/html/pipeline/toc_filter.rb: lower case, without punctuation, hyphens for spaces. */
function slugOf(heading: string): string {
  const shown = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return shown
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** Why a link of a page leads nowhere; undefined for one that resolves, and for one to another site. */
export function brokenLink(page: Page, target: string): string | undefined {
  if (/^https?:/.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const name = file === '' ? page.name : path.join(path.dirname(page.name), file);
  if (!existsSync(path.join(project, name))) return `${page.name}: ${target}: there is no ${name}`;
  if (anchor === undefined || (name.endsWith('.md') && readPage(name).anchors.has(anchor))) return undefined;
  return `${page.name}: ${target}: ${name} has no heading with this anchor`;
}
