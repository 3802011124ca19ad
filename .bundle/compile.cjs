'use strict';

/**
 * Writes `podnetd.cache` beside `podnetd.cjs`: the code of the functions that podnetd runs until its first answers, as this Node's V8 has
 * compiled it. It is built into the folder of both; run it with the Node that will run podnetd.
 */

const { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const http = require('node:http');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const v8 = require('node:v8');
const { Script } = require('node:vm');
const { digest, wrap } = require('./launch.cjs');

const program = path.join(__dirname, 'podnetd.cjs');
const scratch = mkdtempSync(path.join(tmpdir(), 'podnetd-compile-'));
const socketPath = path.join(scratch, 's');

/** The first requests of each kind of client. */
const requests = [
  ['GET', '/_ping'],
  ['POST', '/v5.0.0/libpod/networks/create', '{"name":"a"}'],
  ['GET', '/v5.0.0/libpod/networks/a/json'],
  ['GET', '/v5.0.0/libpod/networks/json'],
  ['DELETE', '/v5.0.0/libpod/networks/a'],
  ['POST', '/v3.0.0/libpod/networks/create?name=a', '{}'],
  ['GET', '/v3.0.0/libpod/networks/a/json'],
  ['POST', '/v1.41/networks/create', '{"Name":"b"}'],
  ['GET', '/v1.41/networks/b'],
  ['GET', '/v1.41/networks'],
  ['GET', '/podnetd/v1/version'],
];

async function ask([method, url, body]) {
  await new Promise((resolve, reject) => {
    // Any answer will do: on some machines a build may make no network.
    const onAnswer = (answer) => answer.resume().on('end', resolve);
    http.request({ socketPath, method, path: url, agent: false }, onAnswer).on('error', reject).end(body);
  });
}

async function untilListening() {
  for (let tries = 1; !existsSync(socketPath); tries += 1) {
    if (tries === 1_000) throw new Error(`${program} does not listen`);
    await sleep(10);
  }
}

async function compile() {
  const source = readFileSync(program);
  // V8 notes its flags in the code, and loads it under the same flags alone: those of a process that begins.
  v8.setFlagsFromString = () => undefined;
  const script = new Script(wrap(source.toString('latin1')), { filename: program });
  const places = ['net.d', 'cache'].map((name) => path.join(scratch, name));
  process.argv = [process.execPath, program, '--listen', `unix://${socketPath}`];
  process.argv.push('--cni-config-dir', places[0], '--cni-cache-dir', places[1], '--log-level', 'error');
  process.env.CONTAINERS_CONF = '/dev/null';
  script.runInThisContext()({}, require, module, program, __dirname);
  await untilListening();
  for (const request of requests) await ask(request);
  const code = script.createCachedData();
  const cache = path.join(__dirname, 'podnetd.cache');
  writeFileSync(`${cache}.new`, Buffer.concat([digest(source, code), code]), { mode: 0o644 });
  renameSync(`${cache}.new`, cache);
}

compile()
  .catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  })
  .finally(() => {
    rmSync(scratch, { recursive: true, force: true });
    process.exit();
  });
