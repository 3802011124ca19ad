import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { runProgram } from '../support/netns.js';
import { makeRemotePodman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { checkHeaders } from './dialects.js';
import { checkDocumented } from './suite/documents.js';

t.test('the handshake', async (t) => {
  const daemon = await startDaemon(t);
  const pings = [
    '/_ping',
    '/v1.41/_ping',
    '/libpod/_ping',
    '/v2.0.0/libpod/_ping',
    '/v3.2.0/libpod/_ping',
    '/v5.4.2/libpod/_ping',
  ];
  for (const url of pings) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await daemon.ask(method, url);
      const { status, text, headers } = answer;
      t.equal(status, 200, `${method} ${url}`);
      t.equal(text, method === 'GET' ? 'OK' : '');
      t.match(headers, {
        'api-version': '1.56',
        'libpod-api-version': '5.4.2',
        server: 'Libpod/5.4.2 (linux)',
        'cache-control': 'no-cache',
        pragma: 'no-cache',
        'content-type': 'text/plain; charset=utf-8',
      });
      t.match(checkDocumented(method, url, answer), { fault: undefined }, `${method} ${url} is documented`);
    }
  }
  for (const url of ['/version', '/v1.41/version', '/v3.2.0/libpod/version', '/v5.4.2/libpod/version']) {
    const answer = await daemon.ask('GET', url);
    checkHeaders(t, answer);
    t.match(answer.json(), {
      Components: [{ Name: 'Podman Engine', Version: '5.4.2' }, { Name: 'podnetd' }],
      Version: '5.4.2',
      ApiVersion: '1.56',
      MinAPIVersion: '1.24',
      Os: 'linux',
    });
  }
});

t.test('questions that clients ask an engine', async (t) => {
  const daemon = await startDaemon(t);
  const machine = { hostname: os.hostname(), kernel: os.release(), cpus: os.availableParallelism() };
  const docker = await daemon.ask('GET', '/v1.41/info');
  checkHeaders(t, docker);
  t.match(docker.json(), {
    Name: machine.hostname,
    KernelVersion: machine.kernel,
    NCPU: machine.cpus,
    MemTotal: os.totalmem(),
    Containers: 0,
    Swarm: { LocalNodeState: 'inactive' },
    Plugins: { Network: ['bridge', 'macvlan', 'ipvlan'] },
    Warnings: [],
    DefaultAddressPools: [
      { Base: '10.89.0.0/16', Size: 24 },
      { Base: '10.90.0.0/15', Size: 24 },
      { Base: '10.92.0.0/14', Size: 24 },
      { Base: '10.96.0.0/11', Size: 24 },
      { Base: '10.128.0.0/9', Size: 24 },
    ],
  });
  t.match(checkDocumented('GET', '/v1.41/info', docker), { fault: undefined });
  for (const prefix of ['/v3.2.0/libpod', '/v5.4.2/libpod']) {
    t.match((await daemon.ask('GET', `${prefix}/info`)).json(), {
      host: { hostname: machine.hostname, kernel: machine.kernel, cpus: machine.cpus, networkBackend: 'cni' },
      store: { containerStore: { number: 0 } },
    });
  }
  for (const prefix of ['', '/v1.41', '/v3.2.0/libpod', '/v5.4.2/libpod']) {
    t.equal((await daemon.ask('GET', `${prefix}/containers/json?all=1`)).text, '[]\n');
  }
  t.match((await daemon.ask('POST', '/auth', { username: 'u' })).json(), {
    message: 'logging in to a registry needs a container engine: podnetd serves networks only',
    response: 501,
  });
});

t.test('version and info of real clients', { skip: missing('docker', 'podman') }, async (t) => {
  const daemon = await startDaemon(t);
  const env = { DOCKER_CONFIG: makeScratch(t), DOCKER_HOST: `unix://${daemon.socket}` };
  for (const command of ['version', 'info']) {
    const { code, stdout, stderr } = await runProgram('docker', [command], { env });
    t.equal(code, 0, stderr);
    const wanted =
      command === 'version'
        ? /podnetd:\s+Version:[^]*API version:\s+1\.56 \(minimum version 1\.24\)/
        : /Network: bridge macvlan ipvlan[^]*Default Address Pools:\s+Base: 10\.89\.0\.0\/16, Size: 24/;
    t.match(stdout, wanted);
  }
  const podman = makeRemotePodman(t, daemon.socket);
  t.match(await podman.must('version'), /Server:[^]*Version:\s+5\.4\.2/);
  t.match(await podman.must('info'), new RegExp(`hostname: ${os.hostname()}`));
});

/** The line of the log for a request, once it is written. */
async function logLineOf(
  daemon: TestDaemon,
  { headers }: Answer,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const isIt = (line: Readonly<Record<string, unknown>>) =>
    line['msg'] === 'request' && line['reqId'] === headers['x-reference-id'];
  for (let tries = 0; tries < 500 && !daemon.log().some(isIt); tries += 1) await sleep(10);
  return daemon.log().find(isIt);
}

t.test('every request is a line of the log', async (t) => {
  const daemon = await startDaemon(t);
  const cases: readonly (readonly [method: string, url: string, body: unknown, line: object])[] = [
    [
      'POST',
      '/v1.41/networks/create',
      { Name: 'logged' },
      { dialect: 'compat', status: 201, outcome: 'ok', network: 'logged' },
    ],
    ['GET', '/networks/logged', undefined, { dialect: 'compat', status: 200, outcome: 'ok', network: 'logged' }],
    [
      'POST',
      '/v3.2.0/libpod/networks/create?name=log3',
      {},
      { dialect: 'libpod-v3', status: 200, outcome: 'ok', network: 'log3' },
    ],
    [
      'GET',
      '/v2.0.0/libpod/networks/x/json',
      undefined,
      { dialect: 'libpod-v3', status: 404, outcome: 'networkUnknown', network: 'x' },
    ],
    ['POST', '/v4.0.0/libpod/networks/create', '{', { dialect: 'libpod-v4', status: 400, outcome: 'bodyInvalid' }],
    [
      'POST',
      '/v4.0.0/libpod/networks/create',
      { name: 'logged' },
      { dialect: 'libpod-v4', status: 409, outcome: 'nameUsed' },
    ],
    ['GET', '/nowhere', undefined, { dialect: 'compat', status: 404, outcome: 'noSuchRoute' }],
  ];
  for (const [method, url, body, expected] of cases) {
    const line = await logLineOf(daemon, await daemon.ask(method, url, body));
    t.match(line, { method, url, durationMs: Number, level: 30, ...expected }, `${method} ${url}`);
  }
});

t.test('warnings in the log are in the headers', async (t) => {
  const daemon = await startDaemon(t, { args: ['--cni-plugin-dir', '/nonexistent'] });
  const made = await daemon.ask('POST', '/v4.0.0/libpod/networks/create', { name: 'dns', dns_enabled: true });
  t.equal(made.status, 200);
  const warning = 'dnsname plugin not found: containers on network dns cannot resolve each other by name';
  t.equal(made.headers['warning'], `299 podnetd "${warning}"`);
  t.match(await logLineOf(daemon, made), { network: 'dns' }, 'the last line of the request is there');
  t.ok(
    daemon.log().some((line) => line['msg'] === warning && line['reqId'] === made.headers['x-reference-id']),
    'the log has the warning with its request',
  );
});
