import { namespaceOf } from '../../host/programs/process-identity.js';
import type { Patient } from '../patient/patient.js';
import { gatherAttachments } from './attachments.js';
import { findDnsmasqs } from './dnsmasq.js';
import type { Facts, PoolFacts } from '../facts/facts.js';
import { gatherFleet } from './fleet.js';
import { gatherFolder } from './folder.js';
import { gatherInnerKernel } from './inner-kernel.js';
import { gatherKernel } from './kernel.js';
import { findHeldLock } from './lock.js';
import { findNetavark, podmanPlaces } from './netavark.js';
import { gatherPlugins } from './plugins.js';
import { gatherRules } from './rules.js';
import { buildRunInside } from './run-inside.js';
import { lookAtUser } from './user.js';

/**
 * Gathers all facts once. It writes nothing.
 *
 * @param isInLane the caller holds the lane, so that nothing here may ask for it @throws NetworkError storage
 */
export async function gatherFacts({ daemon, outputs }: Patient, isInLane = false): Promise<Facts> {
  const { config, parts } = daemon;
  const { identity } = config;
  const { reader, files, host, chain } = parts;
  const run = buildRunInside(parts.runPlugin);
  const folder = await gatherFolder(config.cniConfigDir, parts.cacheDirs, reader, files);
  // A file that is no network names bridges too.
  const draft = reader.draft(host, undefined);
  const isNamed = (link: string) => draft.hasBridge(link);
  const user = identity.rootless ? lookAtUser(identity.euid, identity.runtimeDir) : undefined;
  const netns = user === undefined ? namespaceOf('self', 'net') : user.netns;
  const hasNamespace = netns !== undefined;
  const rules = hasNamespace ? await gatherRules(run) : [];
  return {
    folder,
    plugins: await gatherPlugins(config.cniPluginDirs, folder.networks, files, hasNamespace ? chain : undefined),
    kernel: user === undefined ? await gatherKernel(isNamed) : await gatherInner(),
    rules,
    attachments: await gatherAttachments(parts, folder.networks, rules),
    dnsmasqs: findDnsmasqs(netns),
    pools: await gatherPools(daemon),
    heldLock: isInLane ? undefined : await findHeldLock(daemon),
    user: user?.facts,
    netavark: findNetavark(podmanPlaces(identity.rootless, identity.home, process.env['XDG_DATA_HOME'])),
    outputs: outputs(),
    fleet: await gatherFleet(daemon),
  };

  async function gatherInner() {
    return hasNamespace ? await gatherInnerKernel(run, isNamed) : undefined;
  }
}

async function gatherPools({ services }: Patient['daemon']): Promise<readonly PoolFacts[]> {
  const { pools: measured } = await services.pools.measure();
  return measured.map(({ pool, total, free }) => ({ base: pool.base, prefixBits: pool.prefixBits, total, free }));
}
