import { declareCheck } from './check.js';

export const fileUnusable = declareCheck({
  code: 'file-unusable',
  severity: 'error',
  title: 'A file of the folder is no network',
  why: 'No runtime that reads the folder has the network, and its containers do not start. podnetd keeps its name, bridges and subnets taken.',
  fix: undefined,
  follows: [],
  look: ({ folder }) =>
    folder.problems
      .filter(({ isClash }) => !isClash)
      .map(({ path, reason, line }) => ({
        seen: `${path}${line === undefined ? '' : `, line ${line}`}: ${reason}`,
        remedy: `correct it with "\${EDITOR:-vi} ${path}", or take it away with "mv ${path} ${path}.broken"`,
        about: [],
      })),
});
