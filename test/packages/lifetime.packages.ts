import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { readManner, type Runner } from '../docs/manner.js';
import { readPage, type Block } from '../docs/page.js';
import { runBlocks } from '../docs/run-page.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { built, laterDeb } from './built.js';
import { createNetworks } from './creating.js';
import { bootMachine, curlSettings, type Machine } from './machine.js';
import { addUser } from './machine-user.js';
import { buildStubs } from './stub-rpms.js';

/** A package from its installation to its removal, by the commands of the pages, on a machine that systemd has booted. */

const tools = 'systemd-nspawn dpkg-deb apt-get rpm rpmbuild curl docker podman ip iptables slirp4netns newuidmap';
const skip = missing(...tools.split(' '));
const socket = '/run/podnetd/podnetd.sock';
const ask = `curl --unix-socket ${socket}`;
const mainPid = 'systemctl show --property=MainPID --value podnetd.service';

/** Makes the package the one that commands of the pages find in their folder. */
function offer(machine: Machine, file: string): void {
  const folder = machine.outside('/root');
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.deb'))) rmSync(path.join(folder, name));
  copyFileSync(file, path.join(folder, path.basename(file)));
}

/** Files of podnetd on the machine's disk, but for packages that the test put there. */
function traces(machine: Machine): readonly string[] {
  return machine.written().filter((name) => name.includes('podnetd') && !name.startsWith('/root/'));
}

function blocksFor(name: string, isMeant: (block: Block) => boolean): readonly Block[] {
  const blocks = readPage(name).blocks.filter((block) => block.language === 'sh' && isMeant(block));
  if (blocks.length === 0) throw new Error(`${name} has no such block`);
  return blocks;
}

/** The session of README.md. */
function sessionOf(runner: Runner): readonly Block[] {
  return blocksFor('README.md', ({ note }) => {
    const { by, isFirst } = readManner(note);
    return (by === undefined || by === runner) && !isFirst;
  });
}

/** Runs the commands of systemd/install.md below a heading. */
async function follow(t: Test, machine: Machine, heading: string): Promise<void> {
  const { text } = readPage('systemd/install.md');
  const line = text.split('\n').indexOf(`## ${heading}`) + 1;
  const next = text.split('\n').findIndex((found, index) => index > line && found.startsWith('## '));
  const isBelow = (block: Block) => line > 0 && block.line > line && (next < 0 || block.line < next);
  await runBlocks(t, 'systemd/install.md', machine, blocksFor('systemd/install.md', isBelow));
}

t.test('the .deb', { skip }, async (t) => {
  const machine = await bootMachine(t);
  const { shell } = machine;
  writeFileSync(machine.outside('/root/.curlrc'), curlSettings);
  const listed = async () =>
    (JSON.parse(await shell(`${ask} http://d/networks`)) as readonly { readonly Name: string }[]).map(
      ({ Name }) => Name,
    );

  await t.test('README.md installs it, and the socket unit starts it', async (t) => {
    offer(machine, built('_amd64.deb'));
    const install = blocksFor('README.md', ({ note }) => readManner(note).by === 'an administrator');
    await runBlocks(t, 'README.md', machine, install);
    t.equal(await shell(mainPid), '0', 'no client, no daemon');
    t.match(await shell(`stat --format=%a:%U:%G ${socket}`), /^660:root:podnetd$/);
    t.equal(await shell(`${ask} http://d/_ping`), 'OK');
    t.equal(await shell(`readlink /proc/$(${mainPid})/exe`), '/usr/lib/podnetd/node');
    const version = await machine.run('NODE_DEBUG=podnetd podnetd --version');
    t.match(version.stdout, /^podnetd \d/);
    t.match(version.stderr, /compiled code: used/, 'the installation has compiled it');
    t.match(await shell(`${ask} http://d/podnetd/v1/ready`), /"plugins"/);
  });

  await t.test('the session of README.md, in every dialect and with its clients', async (t) => {
    await runBlocks(t, 'README.md', machine, sessionOf('root'));
  });

  await t.test(
    'systemctl reload takes in the settings of README.md, and a broken file leaves them in force',
    async (t) => {
      const settings = readPage('README.md').blocks.find(({ language }) => language === 'toml')?.text ?? '';
      // Whatever the status is.
      const create = async (body: object) =>
        (await machine.run(`${ask} http://d/networks/create -d '${JSON.stringify(body)}'`)).stdout;
      const vpn = async () => await create({ Name: 'vpn', IPAM: { Config: [{ Subnet: '10.44.0.0/24' }] } });
      const before = await shell(mainPid);
      /** Puts the settings in place; systemd does not wait until podnetd has read them. */
      const reload = async (text: string, isDone: () => Promise<boolean>) => {
        mkdirSync(machine.outside('/etc/podnetd'), { recursive: true });
        writeFileSync(machine.outside('/etc/podnetd/podnetd.toml'), text);
        await shell('systemctl reload podnetd');
        for (let tries = 0; tries < 50 && !(await isDone()); tries += 1) await sleep(100);
      };
      await reload(settings, async () => (await vpn()).includes('reserved'));
      t.match(await vpn(), 'which is reserved: office VPN');
      await create({ Name: 'kept-off' });
      t.match(await shell(`${ask} http://d/networks/kept-off`), '"Subnet":"172.20.0.0/24"');
      const problems = `${ask} http://d/podnetd/v1/problems`;
      await reload(`${settings}reserved = 7\n`, async () => (await shell(problems)) !== '[]');
      t.match(await shell(problems), '/etc/podnetd/podnetd.toml');
      t.match(await vpn(), 'office VPN', 'the settings of before stay in force');
      await reload('', async () => (await shell(problems)) === '[]');
      t.equal(await shell(problems), '[]');
      t.equal(await shell(mainPid), before, 'the same daemon');
      rmSync(machine.outside('/etc/podnetd'), { recursive: true });
      await shell(`${ask} -X DELETE http://d/networks/kept-off`);
    },
  );

  await t.test("the units of a user start it under the user's manager, for the same session", async (t) => {
    const user = await addUser(machine, 'walter');
    await user.shell('systemctl --user enable --now podnetd.socket');
    const pid = 'systemctl --user show --property=MainPID --value podnetd.service';
    t.equal(await user.shell(pid), '0', 'no client, no daemon');
    t.match(await user.shell('stat --format=%a:%U $XDG_RUNTIME_DIR/podnetd/podnetd.sock'), '600:walter');
    await runBlocks(t, 'README.md', user, sessionOf('a user'));
    t.equal(await machine.shell(`readlink /proc/${await user.shell(pid)}/exe`), '/usr/lib/podnetd/node');
    t.match(await user.shell(`grep --fixed-strings --max-count=1 . /proc/$(${pid})/cgroup`), /user@\d+\.service/);
    await user.shell('systemctl --user disable --now podnetd.socket podnetd.service');
    await user.remove();
  });

  await t.test(
    'an upgrade and a downgrade lose no request of 32 clients on new connections and 32 on kept ones',
    async (t) => {
      for (const [heading, file] of [
        ['Upgrade', laterDeb(t)],
        ['Downgrade', built('_amd64.deb')],
      ] as const) {
        await shell(`${ask} http://d/_ping`);
        const before = await shell(mainPid);
        offer(machine, file);
        let isDone = false;
        const creating = createNetworks(machine.outside(socket), 32, () => !isDone);
        await follow(t, machine, heading);
        isDone = true;
        const { made, faults } = await creating;
        t.strictSame(faults, [], `${heading}: every create succeeds`);
        t.not(await shell(mainPid), before, `${heading}: another daemon answers`);
        t.ok(made.length >= 64, `${heading}: ${made.length} creates`);
        const names = new Set(await listed());
        t.strictSame(
          made.filter((name) => !names.has(name)),
          [],
          `${heading}: every network is there`,
        );
        const version = path.basename(file).split('_')[1];
        t.equal(await shell("dpkg-query --show --showformat='${Version}' podnetd"), version);
        await shell(`${ask} -X POST http://d/networks/prune`);
      }
    },
  );

  await t.test('a removal leaves the networks of the host, and no file of podnetd', async (t) => {
    await shell(`${ask} http://d/networks/create -d '{"Name": "stays"}'`);
    await follow(t, machine, 'Remove');
    t.match(await shell('cat /etc/cni/net.d/*stays*'), /"name": "stays"/);
    t.equal((await machine.run('pgrep --full /usr/lib/podnetd')).stdout, '', 'no daemon');
    t.equal((await machine.run('getent group podnetd')).stdout, '', 'no group');
    t.strictSame(traces(machine), [], 'no file');
    t.equal(await shell('find /run -name "*podnetd*"'), '');
    t.equal((await machine.run('systemctl list-unit-files --no-legend "podnetd*"')).stdout, '', 'no unit');
  });

  await t.test('the .rpm comes, serves and goes likewise, on a host with the packages that it requires', async (t) => {
    const rpm = async (command: string) => await shell(`rpm --force-debian ${command}`);
    copyFileSync(built('.x86_64.rpm'), machine.outside('/root/podnetd.rpm'));
    t.match(await machine.run('rpm --force-debian --install podnetd.rpm'), { code: 1, stderr: /libc\.so\.6/ });
    const stubs = buildStubs(built('.x86_64.rpm'), makeScratch(t));
    for (const file of stubs) copyFileSync(file, machine.outside(`/root/${path.basename(file)}`));
    await rpm(`--install ${stubs.map((file) => path.basename(file)).join(' ')}`);
    await rpm('--install podnetd.rpm && systemctl enable --now podnetd.socket');
    t.ok((await listed()).includes('stays'));
    const before = await shell(mainPid);
    await rpm('--upgrade --replacepkgs podnetd.rpm');
    t.equal(await shell(`${ask} http://d/_ping`), 'OK');
    t.not(await shell(mainPid), before, 'an upgrade starts another daemon');
    await rpm('--erase podnetd');
    t.strictSame(traces(machine), [], 'no file');
    t.equal(await shell('find /run -name "*podnetd*"'), '');
    t.equal((await machine.run('getent group podnetd')).stdout, '', 'no group');
    t.match(await shell('cat /etc/cni/net.d/*stays*'), /"name": "stays"/);
  });

  await t.test('the .tar.gz runs from any folder, and by its units from /usr/local', async (t) => {
    copyFileSync(built('-linux-amd64.tar.gz'), machine.outside('/root/podnetd.tar.gz'));
    await shell('mkdir any && tar -C any -xzf podnetd.tar.gz --strip-components=1');
    t.match(await shell('ln -s $PWD/any/bin/podnetd link && ./link --version'), /^podnetd \d/);
    await follow(t, machine, 'Without a package manager');
    t.ok((await listed()).includes('stays'));
    t.equal(await shell(`readlink /proc/$(${mainPid})/exe`), '/usr/local/lib/podnetd/node');
  });
});
