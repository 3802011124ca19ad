import { declareCheck } from './check.js';

export const nameTwice = declareCheck({
  code: 'name-twice',
  severity: 'error',
  title: 'Two files have the same network name',
  why: 'Each runtime takes the file that it reads first, so containers of one name may end up on two networks.',
  fix: undefined,
  follows: [],
  look: ({ folder }) =>
    folder.problems
      .filter(({ isClash }) => isClash)
      .map(({ path, reason }) => ({
        seen: `${path}: ${reason}`,
        remedy: `give the network of one file another name, or take the file away with "mv ${path} ${path}.twice"`,
        about: [],
      })),
});
