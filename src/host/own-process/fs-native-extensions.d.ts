declare module 'fs-native-extensions' {
  /** @returns false when another open file description holds the lock */
  export function tryLock(fd: number, options?: { readonly shared?: boolean }): boolean;
  export function waitForLock(fd: number): Promise<void>;
  export function unlock(fd: number): void;
}
