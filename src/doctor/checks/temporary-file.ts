import { declareCheck } from './check.js';

export const temporaryFile = declareCheck({
  code: 'temporary-file',
  severity: 'warning',
  title: 'A dead process left a temporary file',
  why: 'A podnetd died in the middle of a change. The folder shows the state before or after that change, and the file marks what is still to be cleared.',
  fix: 'clears the file under the lock, as the next change of a podnetd does; a file of another program gets a name that stays',
  follows: [],
  look: ({ folder }) =>
    folder.leftovers.map((path) => ({
      seen: path,
      remedy: 'podnetd doctor --fix --only temporary-file',
      about: [],
      repair: { act: 'clear' },
    })),
});
