import { entry } from './entry.js';

/** Networks of a user who is not root. */
export const rootlessErrors = {
  rootlessUnready: entry({
    kind: 'plugin',
    message: (d: { need: string; reason: string; remedy: string }) =>
      `networks of a user who is not root need ${d.need}: ${d.reason}; ${d.remedy}`,
  }),
  namespaceFailed: entry({
    kind: 'plugin',
    message: (d: { step: string; reason: string }) => `rootless network namespace: ${d.step}: ${d.reason}`,
  }),
  portForwardFailed: entry({
    kind: 'plugin',
    message: (d: { forward: string; reason: string }) => `port ${d.forward} cannot be forwarded: ${d.reason}`,
  }),
};
