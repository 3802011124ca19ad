import { spawn } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { openEvents } from '../support/event-stream.js';
import { runProgram } from '../support/netns.js';
import { makeRemotePodman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { idOf } from './dialects.js';
import { checkDocumented } from './suite/documents.js';

async function make(t: Test, daemon: TestDaemon, name: string): Promise<void> {
  t.equal((await daemon.ask('POST', '/networks/create', { Name: name })).status, 201, `create ${name}`);
}

/** Adds a network as another program would. */
function copyAs(daemon: TestDaemon, from: string, name: string): void {
  const text = readFileSync(path.join(daemon.folder, `${from}.conflist`), 'utf8');
  const target = path.join(daemon.folder, `${name}.conflist`);
  writeFileSync(`${target}.part`, text.replace(`"name": "${from}"`, `"name": "${name}"`));
  renameSync(`${target}.part`, target);
}

t.test('each dialect streams changes by podnetd and by others as they happen', async (t) => {
  const daemon = await startDaemon(t);
  const streams = await Promise.all(
    ['/events', '/v1.44/events', '/v3.2.0/libpod/events', '/v5.4.2/libpod/events'].map(
      async (url) => await openEvents(t, daemon.socket, url),
    ),
  );
  for (const [index, { response }] of streams.entries()) {
    t.match(response, { statusCode: 200 });
    t.match(response.headers, {
      'content-type': index === 0 ? 'application/jsonl' : 'application/json',
      'transfer-encoding': 'chunked',
      'api-version': '1.56',
      server: 'Libpod/5.4.2 (linux)',
    });
  }
  await make(t, daemon, 'web');
  copyAs(daemon, 'web', 'foreign');
  for (const { lines } of streams) await lines(2);
  rmSync(path.join(daemon.folder, 'web.conflist'));
  const attributes = (name: string) => ({
    containerExitCode: '0',
    driver: 'bridge',
    image: '',
    name,
    network: name,
    podId: '',
  });
  const steps = [
    ['create', 'web'],
    ['create', 'foreign'],
    ['remove', 'web'],
  ] as const;
  for (const [index, { lines }] of streams.entries()) {
    const seen = await lines(3);
    t.equal(seen.length, 3);
    for (const [position, [action, name]] of steps.entries()) {
      const { time, timeNano, ...rest } = seen[position] ?? {};
      t.equal(typeof timeNano, 'number');
      t.equal(time, Math.floor(Number(timeNano) / 1e9));
      const libpod = {
        Type: 'network',
        Action: action,
        Actor: { ID: idOf(name), Attributes: attributes(name) },
        scope: 'local',
      };
      const docker = {
        Type: 'network',
        Action: action === 'remove' ? 'destroy' : action,
        Actor: { ID: idOf(name), Attributes: { name, type: 'bridge' } },
        scope: 'local',
      };
      t.same(rest, [docker, docker, libpod, { status: action, id: idOf(name), ...libpod }][index]);
    }
  }
});

t.test('since, until, stream and filters', async (t) => {
  const daemon = await startDaemon(t);
  for (const name of ['a', 'b', 'c']) await make(t, daemon, name);
  const past = async (query: string, prefix = '/v5.4.2/libpod') => {
    const { status, text } = await daemon.ask('GET', `${prefix}/events?${query}`);
    t.equal(status, 200, query);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { Actor: { Attributes: { name: string } }; timeNano: number; time: number });
  };
  const names = async (query: string, prefix?: string) =>
    (await past(query, prefix)).map(({ Actor }) => Actor.Attributes.name);
  t.same(await names('stream=false'), ['a', 'b', 'c']);
  t.same(await names('since=1h&stream=false'), ['a', 'b', 'c']);
  t.same(await names('since=0&until=1', ''), []);
  t.same(await names(`filters=${encodeURIComponent('{"network":["b"]}')}&stream=false`), ['b']);
  t.same(await names(`filters=${encodeURIComponent('{"event":["remove"]}')}&stream=false`), []);
  // A number of JavaScript cannot hold `timeNano` exactly, so the test reads the text.
  const { text } = await daemon.ask('GET', '/v5.4.2/libpod/events?stream=false');
  const second = /"timeNano":(\d+)\}/.exec(text.split('\n')[1] ?? '')?.[1] ?? '';
  const from = `${second.slice(0, -9)}.${second.slice(-9)}`;
  t.same(await names(`since=${from}&stream=false`), ['b', 'c'], 'events from this one on');
  t.same(await names(`until=${from}&stream=false`), ['a', 'b'], 'events up to this one');

  const limited = await openEvents(t, daemon.socket, '/v5.4.2/libpod/events?since=1h&until=300ms');
  t.equal(await limited.ended, true, 'the stream ends in good order');
  t.equal((await limited.lines(3)).length, 3);

  t.match((await daemon.ask('GET', '/events?since=never')).json(), { response: 400, message: /since time of never/ });
  t.match((await daemon.ask('GET', '/events?since=2&until=1')).json(), { response: 400, message: /cannot be after/ });
  t.match((await daemon.ask('GET', '/v5.0.0/libpod/events?filters={"x":["y"]}')).json(), { response: 500 });
});

t.test('a Docker client gets the media type that it accepts', async (t) => {
  const daemon = await startDaemon(t);
  await make(t, daemon, 'web');
  const line = (await daemon.ask('GET', '/v1.44/events?stream=false')).text;
  t.match(line, /^\{"Type":"network",.*\}\n$/);
  const cases = [
    ['/v1.51/events', undefined, 'application/json', line],
    ['/v1.52/events', undefined, 'application/jsonl', line],
    ['/v1.52/events', '*/*', 'application/jsonl', line],
    ['/v1.44/events', 'application/x-ndjson;q=0.9, application/json-seq;q=0.5', 'application/x-ndjson', line],
    ['/v1.56/events', 'application/json-seq', 'application/json-seq', `\u001E${line}`],
  ] as const;
  for (const [url, accept, type, text] of cases) {
    const answer = await daemon.ask('GET', `${url}?stream=false`, undefined, accept === undefined ? {} : { accept });
    t.same([answer.headers['content-type'], answer.text], [type, text], `${url} ${accept ?? ''}`);
    t.match(checkDocumented('GET', url, answer), { fault: undefined });
  }
  const libpod = await daemon.ask('GET', '/v5.4.2/libpod/events?stream=false', undefined, {
    accept: 'application/jsonl',
  });
  t.equal(libpod.headers['content-type'], 'application/json', 'Podman knows no other');
});

t.test('a client that leaves is forgotten, and a client that stays keeps the daemon awake', async (t) => {
  const daemon = await startDaemon(t, { args: ['--idle-timeout', '1'] });
  const staying = await openEvents(t, daemon.socket, '/events');
  const going = await openEvents(t, daemon.socket, '/events');
  going.close();
  await sleep(2_500);
  t.equal(daemon.process.exitCode, null);
  t.match(
    daemon.log().filter((line) => line['url'] === '/events'),
    [{ msg: /^(request|the client left the event stream)$/ }],
    'one line logs the end of the stream, written or not',
  );
  const stopped = daemon.stop();
  t.equal(await staying.ended, true, 'in good order');
  t.equal(await stopped, 0);
  t.notOk(daemon.log().some((line) => line['msg'] === 'connections were cut at the deadline'));
});

t.test('a client that closes its side for writing has gone', async (t) => {
  const daemon = await startDaemon(t);
  const halfClosed = connect({ path: daemon.socket, allowHalfOpen: true });
  halfClosed.end('GET /events HTTP/1.1\r\nHost: d\r\n\r\n');
  t.match(await text(halfClosed), /\r\n\r\n0\r\n\r\n$/, 'the stream is empty and ends in good order');
});

t.test('a client that does not read delays neither a create nor the stop', async (t) => {
  const daemon = await startDaemon(t);
  const deaf = connect(daemon.socket);
  t.teardown(() => deaf.destroy());
  deaf.pause();
  deaf.on('error', () => {});
  deaf.write('GET /events?since=1h HTTP/1.1\r\nHost: d\r\n\r\n');
  await make(t, daemon, 'web');
  t.equal(await daemon.stop(), 0);
});

t.test('docker events', { skip: missing('docker') }, async (t) => {
  const daemon = await startDaemon(t);
  const env = { ...process.env, DOCKER_CONFIG: makeScratch(t), DOCKER_HOST: `unix://${daemon.socket}` };
  const client = spawn('docker', ['events', '--filter', 'type=network', '--since', '1h'], { env });
  t.teardown(() => client.kill());
  let output = '';
  client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await make(t, daemon, 'web');
  copyAs(daemon, 'web', 'foreign');
  for (let tries = 0; tries < 1_000 && output.split('\n').length < 3; tries += 1) await sleep(10);
  t.match(output, new RegExp(`network create ${idOf('web')} \\(name=web, type=bridge\\)`));
  t.match(output, new RegExp(`network create ${idOf('foreign')} \\(name=foreign, type=bridge\\)`));
});

t.test('podman --remote events', { skip: missing('podman') }, async (t) => {
  const daemon = await startDaemon(t);
  const podman = makeRemotePodman(t, daemon.socket);
  await make(t, daemon, 'web');
  t.match(await podman.must('events', '--stream=false'), `network create ${idOf('web')}`);
  const text = await podman.must(
    'events',
    '--stream=false',
    '--since',
    '1h',
    '--filter',
    'type=network',
    '--format',
    'json',
  );
  t.match(JSON.parse(text), { ID: idOf('web'), Name: 'web', Status: 'create', Type: 'network' });
});

const dockerPy = `
import docker, sys
client = docker.DockerClient(base_url=sys.argv[1])
for event in client.events(decode=True, since=0, filters={"type": "network"}):
    print(event["Action"], event["Actor"]["Attributes"]["name"], flush=True)
    if event["Action"] == "destroy":
        break
`;

t.test('docker-py', { skip: missing('python3') }, async (t) => {
  const daemon = await startDaemon(t);
  await make(t, daemon, 'web');
  const listening = runProgram('python3', ['-c', dockerPy, `unix://${daemon.socket}`]);
  copyAs(daemon, 'web', 'foreign');
  await daemon.ask('GET', '/networks/foreign');
  rmSync(path.join(daemon.folder, 'foreign.conflist'));
  const { code, stdout, stderr } = await listening;
  t.equal(code, 0, stderr);
  t.equal(stdout, 'create web\ncreate foreign\ndestroy foreign\n');
});
