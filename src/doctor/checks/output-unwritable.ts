import { declareCheck } from './check.js';

export const outputUnwritable = declareCheck({
  code: 'output-unwritable',
  severity: 'error',
  title: 'podnetd cannot write its log, or its audit file',
  why: 'The log lacks what happens now, while networks go on working; without its audit file podnetd refuses changes, but for on_failure = "allow".',
  fix: undefined,
  follows: [],
  look: ({ outputs }) =>
    outputs.map(({ name, reason }) => ({
      seen: `${name}: ${reason}`,
      remedy:
        'give the file system room ("df -h"), or the file the rights of podnetd\'s user; podnetd tries again by itself',
      about: [],
    })),
});
