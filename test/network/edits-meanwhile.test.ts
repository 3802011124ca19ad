import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { Files } from '../../src/host/files/files.js';
import type { ChangeGroup, GroupOutcome } from '../../src/host/files/folder-change.js';
import { formatCidr } from '../../src/ip/cidr.js';
import { acceptAll } from '../../src/model/filters/filters.js';
import { makeScratch } from '../support/scratch.js';
import { makeService, request } from '../support/service.js';

/** Edits of a file that podnetd just made or removed, seen by a reader before the disk has the change. */

class HurriedFiles extends Files {
  meanwhile: (() => Promise<void>) | undefined;

  override async change(folder: string, groups: readonly ChangeGroup[]): Promise<readonly GroupOutcome[]> {
    const outcome = await super.change(folder, groups);
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    return outcome;
  }
}

/** Acts as on a host without a free inotify instance. */
class BlindFiles extends HurriedFiles {
  override watch(): undefined {
    return undefined;
  }
}

for (const [label, makeFiles] of [
  ['with inotify', () => new HurriedFiles()],
  ['without inotify', () => new BlindFiles()],
] as const) {
  const start = (t: Test) => {
    const files = makeFiles();
    const folder = makeScratch(t);
    const { networks, close } = makeService(folder, { files });
    t.teardown(close);
    const target = path.join(folder, 'a.conflist');
    const replace = () => {
      const ipam = { type: 'host-local', ranges: [[{ subnet: '10.1.0.0/24' }]] };
      const plugins = [{ type: 'bridge', bridge: 'br0', isGateway: true, ipam }];
      writeFileSync(path.join(folder, 'aside'), JSON.stringify({ cniVersion: '0.4.0', name: 'a', plugins }));
      renameSync(path.join(folder, 'aside'), target);
    };
    /** Acts between the change of the folder and its end, followed at once by a reader. */
    const hurry = (act: () => void) => {
      files.meanwhile = async () => {
        act();
        await networks.list(acceptAll);
      };
    };
    const subnets = async () => {
      const listed = await networks.list(acceptAll);
      return listed.map(
        ({ network: { name, subnets } }) => `${name} ${subnets.map(({ cidr }) => formatCidr(cidr)).join()}`,
      );
    };
    return { networks, target, replace, hurry, subnets };
  };

  t.test(`${label}: a file that was replaced`, async (t) => {
    const { networks, replace, hurry, subnets } = start(t);
    hurry(replace);
    await networks.create(request('a'));
    t.same(await subnets(), ['a 10.1.0.0/24', 'podman 10.88.0.0/16']);
  });

  t.test(`${label}: a file that was removed`, async (t) => {
    const { networks, target, hurry, subnets } = start(t);
    hurry(() => unlinkSync(target));
    await networks.create(request('a'));
    t.same(await subnets(), ['podman 10.88.0.0/16']);
    t.match(await networks.create(request('a')), { network: { name: 'a' } }, 'its name is free');
  });

  t.test(`${label}: a file that was made in the place of a removed one`, async (t) => {
    const { networks, replace, hurry, subnets } = start(t);
    await networks.create(request('a'));
    hurry(replace);
    await networks.remove('a', false);
    t.same(await subnets(), ['a 10.1.0.0/24', 'podman 10.88.0.0/16']);
    await t.rejects(networks.create(request('a')), { message: /network name a already used/ });
  });
}
