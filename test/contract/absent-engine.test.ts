import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { python, runDockerPy } from '../support/docker-py.js';
import { runProgram } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Answers to requests that need an engine, on which clients of networks go on. */

t.test('answers', async (t) => {
  const daemon = await startDaemon(t);
  const rows: readonly (readonly [ask: string, status: number, text: string])[] = [
    ...['/swarm', '/swarm/leave?force=1', '/nodes', '/services/web', '/tasks', '/secrets/x', '/configs'].map(
      (url) =>
        [`POST /v1.41${url}`, 503, `podnetd does not support service: /v1.41${url}: it serves networks only`] as const,
    ),
    ['GET /services', 503, 'podnetd does not support service: /services: it serves networks only'],
    ['GET /v1.41/images/json?all=1', 200, '[]\n'],
    ['GET /plugins', 200, '[]\n'],
    ['GET /v1.44/volumes?filters={}', 200, '{"Volumes":[],"Warnings":[]}\n'],
    ['GET /system/df', 200, '{"BuildCache":[],"Containers":[],"Images":[],"LayersSize":0,"Volumes":[]}\n'],
    ['POST /containers/prune', 200, '{"ContainersDeleted":null,"SpaceReclaimed":0}\n'],
    [
      'GET /v1.41/images/docker.io/library/alpine:3/json',
      404,
      'No such image: docker.io/library/alpine:3: podnetd serves networks only',
    ],
    ['DELETE /images/alpine', 404, 'No such image: alpine: podnetd serves networks only'],
    ['GET /volumes/data', 404, 'no such volume: data: podnetd serves networks only'],
    ['GET /v1.41/containers/web/json', 404, 'no container with name or ID "web" found: no such container'],
    ['POST /containers/web/start', 404, 'no container with name or ID "web" found: no such container'],
    ['DELETE /containers/web?force=1', 404, 'no container with name or ID "web" found: no such container'],
    ['POST /containers/create', 501, 'making a container needs a container engine: podnetd serves networks only'],
    [
      'POST /images/create?fromImage=x',
      501,
      'fetching an image needs a container engine: podnetd serves networks only',
    ],
    ['POST /auth', 501, 'logging in to a registry needs a container engine: podnetd serves networks only'],
    ['POST /session', 501, 'building an image needs a container engine: podnetd serves networks only'],
    ['GET /session', 405, 'GET /session: method not allowed: use POST'],
    ['GET /nowhere', 404, 'GET /nowhere: no such route: podnetd serves networks only'],
  ];
  for (const [ask, status, text] of rows) {
    const [method = '', url = ''] = ask.split(' ');
    const answer = await daemon.ask(method, url);
    t.equal(answer.status, status, ask);
    if (status === 200) t.equal(answer.text, text);
    else t.match(answer.json(), { message: text, response: status });
  }
});

t.test('docker-py leaves a missing swarm', { skip: missing(python) }, async (t) => {
  const daemon = await startDaemon(t);
  const told = await runDockerPy(
    daemon.socket,
    `
report(client.swarm.leave(force=True))
report(client.swarm.attrs)
report([client.containers.list(), client.images.list(), client.volumes.list(), client.plugins.list()])
report(client.networks.prune())
report(client.containers.prune())
def missed(call):
    try:
        call()
    except docker.errors.NotFound as error:
        report(type(error).__name__)
missed(lambda: client.images.get('alpine'))
missed(lambda: client.containers.get('web'))
missed(lambda: client.volumes.get('data'))
`,
  );
  t.same(told, [
    true,
    {},
    [[], [], [], []],
    { NetworksDeleted: [] },
    { ContainersDeleted: null, SpaceReclaimed: 0 },
    'ImageNotFound',
    'NotFound',
    'NotFound',
  ]);
});

t.test('the Docker CLI', { skip: missing('docker') }, async (t) => {
  const daemon = await startDaemon(t);
  const env = { DOCKER_CONFIG: makeScratch(t), DOCKER_HOST: '', DOCKER_CONTEXT: '' };
  const docker = async (...args: readonly string[]) =>
    await runProgram('docker', ['-H', `unix://${daemon.socket}`, ...args], { env });
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'unused' })).status, 201);
  for (const args of [['images'], ['ps', '-a'], ['volume', 'ls'], ['system', 'df'], ['plugin', 'ls']]) {
    const { code, stderr } = await docker(...args);
    t.equal(code, 0, `docker ${args.join(' ')}: ${stderr}`);
  }
  t.match(
    await docker('inspect', 'unused'),
    { code: 0, stdout: /"Name": "unused"/ },
    'the client finds the name among networks',
  );
  t.match(await docker('inspect', 'nope'), { code: 1, stderr: /No such object: nope/i });
  t.match(await docker('system', 'prune', '--force', '--volumes'), { code: 0, stdout: /Deleted Networks:\nunused/ });
  t.match(await docker('run', 'alpine'), { code: 125, stderr: /needs a container engine/ });
  t.match(await docker('node', 'ls'), { code: 1, stderr: /does not support service/ });
});
