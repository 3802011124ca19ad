/** Keys of what a finding is about; findings with the same key may follow from one another. */
export const key = {
  network: (name: string) => `network ${name}`,
  bridge: (name: string) => `bridge ${name}`,
  container: (network: string, containerId: string) => `container ${containerId} on ${network}`,
  /** Work of a dead process on a network, which may have made more than it wrote down. */
  work: (network: string) => `unfinished work on ${network}`,
  userNamespace: 'the namespace of the user',
} as const;
