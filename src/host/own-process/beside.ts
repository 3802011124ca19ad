import { createRequire } from 'node:module';

/** Loads a file beside the bundle, which is no part of it because few processes need it. @throws Error of Node when it is missing */
export function loadBeside(file: string): unknown {
  return createRequire(import.meta.url)(`./${file}`);
}
