import { createRequire } from 'node:module';

/**
 * Loaded into each test process before the test. tap loads a module hook into every Node process that a test starts, and writes a file at its end, for
 * coverage and for the choice of tests by changed files. podnetd's tests use neither, and a daemon takes four times as long to start with it.
 */

const ofTap = createRequire(import.meta.resolve('@tapjs/processinfo'));
ofTap('process-on-spawn').removeAllListeners();
delete process.env['NODE_OPTIONS'];
