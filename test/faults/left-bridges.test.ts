import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { readRules } from '../support/traces.js';
import { missing } from '../support/tools.js';

/** The next change ends a removal that a kill cut short, and removes only the bridge of that network. */

const skip = missing('ip', 'nsenter', 'iptables', 'iptables-save');

/** Renames a file to a temporary name, as a kill leaves it. */
function leave({ folder }: TestDaemon, name: string, kind: 'old' | 'gone', digit: number): void {
  renameSync(path.join(folder, `${name}.conflist`), path.join(folder, `.podnetd-${`${digit}`.repeat(16)}.${kind}`));
}

async function makeBridge(host: Netns, name: string, ...addresses: readonly string[]): Promise<void> {
  await host.ip('link', 'add', name, 'type', 'bridge');
  for (const address of addresses) await host.ip('address', 'add', address, 'dev', name, 'nodad');
  await host.ip('link', 'set', name, 'up');
}

const left = async (host: Netns) =>
  [...(await host.ip('-oneline', 'link', 'show', 'type', 'bridge')).matchAll(/^\d+: ([^:]+):/gm)]
    .map(([, name = '']) => name)
    .toSorted();

t.test('the next change ends removals that were cut short', { skip }, async (t) => {
  const host = makeNetns(t);
  const daemon = await startDaemon(t, { netns: host });
  let count = 0;
  const create = async (name: string, more: object = {}) => {
    count += 1;
    const subnets = [{ subnet: `10.240.${count}.0/24` }, { subnet: `fd00:240:${count}::/64` }];
    const body = { name, network_interface: name, subnets, ipv6_enabled: true, ...more };
    t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body)).status, 200, name);
    return [`10.240.${count}.1/24`, `fd00:240:${count}::1/64`] as const;
  };
  const gateways = new Map<string, readonly string[]>();
  for (const name of ['one', 'renamed', 'never', 'plugged', 'foreign', 'bare', 'claimed'])
    gateways.set(name, await create(name));
  await create('inside', { internal: true });
  await create('inside-not', { internal: true });
  await create('isolated', { options: { isolate: 'true' } });
  for (const name of ['one', 'renamed', 'plugged', 'claimed'])
    await makeBridge(host, name, ...(gateways.get(name) ?? []));
  await makeBridge(host, 'foreign', ...(gateways.get('foreign') ?? []), '192.0.2.1/24');
  await makeBridge(host, 'bare');
  await makeBridge(host, 'inside');
  await makeBridge(host, 'inside-not', '192.0.2.9/24');
  await host.ip('link', 'add', 'plug0', 'master', 'plugged', 'type', 'veth', 'peer', 'name', 'plug1');
  // The kill fell between the bridge and its rules.
  const rule = ['-m', 'comment', '--comment', 'CNI firewall plugin rules (ingressPolicy: same-bridge)', '-j', 'DROP'];
  await host.run('iptables', ['-N', 'CNI-ISOLATION-STAGE-2']);
  await host.run('iptables', ['-A', 'CNI-ISOLATION-STAGE-2', '-o', 'isolated', ...rule]);
  t.equal((await readRules(host)).length, 1);

  const gone = ['one', 'never', 'plugged', 'foreign', 'bare', 'claimed', 'inside', 'inside-not', 'isolated'];
  for (const [digit, name] of gone.entries()) leave(daemon, name, 'gone', digit);
  leave(daemon, 'renamed', 'old', 9);
  // Another program has made a network on the bridge since.
  const claims = { cniVersion: '0.4.0', name: 'claims', plugins: [{ type: 'bridge', bridge: 'claimed' }] };
  writeFileSync(path.join(daemon.folder, 'claims.conflist'), JSON.stringify(claims));
  await create('next');

  t.strictSame(
    await left(host),
    ['bare', 'claimed', 'foreign', 'inside-not', 'plugged'],
    'a bridge that is in use, named by a network, or has other addresses stays',
  );
  t.strictSame(await readRules(host), [], 'rules go, though their bridge was gone');
  t.strictSame(
    readdirSync(daemon.folder).filter((name) => name.startsWith('.')),
    [],
  );
  const logged = daemon.log().find(({ bridges }) => bridges !== undefined);
  const why = (bridge: string, reason: RegExp) => ({ bridge, stays: reason });
  t.match(
    ((logged?.['bridges'] ?? []) as readonly { readonly bridge: string; readonly stays?: string }[]).filter(
      ({ stays }) => stays !== undefined,
    ),
    [
      why('plugged', /plug0 is plugged into it/),
      why('foreign', /its addresses are not the gateways/),
      why('bare', /its addresses are not the gateways/),
      why('inside-not', /its addresses are not the gateways/),
    ],
  );
});
