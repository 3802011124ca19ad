import module from 'node:module';
import * as hooks from './typescript-hooks.mjs';

/**
 * Lets the process import TypeScript: `node --import=./test/support/typescript.mjs FILE.ts`. Node 20 knows hooks in a thread of their own alone, and
 * Node 26 warns of those.
 */

if (module.registerHooks === undefined) module.register('./typescript-hooks.mjs', import.meta.url);
else module.registerHooks(hooks);
