/**
 * Loaded into each test process before tap's own modules. tap compiles TypeScript in each process anew, which takes longer than most tests; with this
 * switch of tap's it leaves the files to `typescript.mjs`. tap accepts the switch as a setting on Node 22 and later alone.
 */
process.env['TAP_TYPE_STRIP_ONLY'] = '1';
