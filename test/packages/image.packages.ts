import { execFileSync } from 'node:child_process';
import path from 'node:path';
import t, { type Test } from 'tap';
import { readPage } from '../docs/page.js';
import { runProgram } from '../support/netns.js';
import { writePodmanConf } from '../support/podman-conf.js';
import { containerLimits, containerTools, makeControlGroup } from '../support/podman-container.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { makeBaseRoot, npmCache } from './base-image.js';
import { project } from './built.js';

/** The Dockerfile, built by Podman from a cache of npm. */

const commit = '0123456789ab';

/** The first command of systemd/README.md that begins so. */
function readCommand(start: string): string {
  const lines = readPage('systemd/README.md').text.split('\n');
  const command = lines.find((line) => line.startsWith(start));
  if (command === undefined) throw new Error(`systemd/README.md has no ${start}`);
  return command;
}

/** @returns runs a shell script in which `docker` is a Podman with storage of its own */
function makeEngine(t: Test): (script: string) => Promise<string> {
  const scratch = makeScratch(t);
  // Without a copy of every file for every layer, where the kernel can: an overlay cannot lie on another.
  const isOverlay =
    execFileSync('stat', ['--file-system', '--format=%T', scratch], { encoding: 'utf8' }) === 'overlayfs\n';
  const env = { ...writePodmanConf(scratch, []), STORAGE_DRIVER: isOverlay ? 'vfs' : 'overlay' };
  const building = `--isolation chroot --network host --layers=false --pull=never --format docker --volume ${npmCache}:/root/.npm:O`;
  const running = ['--network', 'none', ...makeControlGroup(t), ...containerLimits].join(' ');
  const docker = `docker() {
    local verb=$1; shift
    case $verb in
      build) podman build ${building} "$@" ;;
      run) podman --runtime runc run ${running} "$@" ;;
      *) podman --runtime runc "$verb" "$@" ;;
    esac
  }
  cd ${project}`;
  return async (script) => {
    const { code, stdout, stderr } = await runProgram('bash', ['-ec', `${docker}\n${script}`], { env });
    if (code !== 0) throw new Error(`${script}: ${code}: ${stdout}${stderr}`);
    return stdout.trimEnd();
  };
}

t.test('the image', { skip: missing(...containerTools, 'chroot', 'ldd') }, async (t) => {
  const base = path.join(makeScratch(t), 'root');
  makeBaseRoot(base);
  const shell = makeEngine(t);
  execFileSync('tar', ['-C', base, '-cf', `${base}.tar`, '.']);
  await shell(`docker import ${base}.tar docker.io/library/node:26-bookworm-slim`);
  await shell(`export PODNETD_COMMIT=${commit}; ${readCommand('docker build ')}`);

  await t.test('it has the commit that the documented command names', async (t) => {
    t.match(
      await shell('docker run --rm podnetd --version'),
      new RegExp(`^podnetd \\d\\S+ \\(commit ${commit}, Node v26`),
    );
  });

  await t.test('a container without privileges is healthy, and makes networks in its volume', async (t) => {
    t.teardown(async () => await shell('docker rm --force --ignore --time 0 --volumes served'));
    await shell('docker run --detach --name served podnetd');
    await shell('for try in $(seq 100); do docker healthcheck run served && exit; sleep 0.1; done; exit 1');
    t.equal(await shell('docker exec served id -un'), 'node');
    const create = `require("node:http").request({ socketPath: "/run/podnetd/podnetd.sock", method: "POST", path: "/networks/create" },
      (answer) => { console.log(answer.statusCode); answer.resume(); }).end(JSON.stringify({ Name: "imaged" }))`;
    t.equal(await shell(`docker exec served node -e '${create}'`), '201');
    t.match(await shell('docker exec served cat /var/lib/podnetd/net.d/imaged.conflist'), /"name": "imaged"/);
  });

  await t.test('it has what the daemon runs, and nothing that builds it', async (t) => {
    const modules = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
      cwd: project,
      encoding: 'utf8',
    });
    const listed = await shell('docker run --rm --entrypoint find podnetd node_modules -name package.json -maxdepth 3');
    const names = listed
      .split('\n')
      .map((file) => path.dirname(file))
      .toSorted();
    t.strictSame(
      names,
      modules
        .trim()
        .split('\n')
        .slice(1)
        .map((folder) => path.relative(project, folder))
        .toSorted(),
    );
  });
});
