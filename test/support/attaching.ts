import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { AttachmentIndex } from '../../src/cni/attachments/attachment-index.js';
import { Leases } from '../../src/cni/attachments/leases.js';
import { ResultCache } from '../../src/cni/attachments/result-cache.js';
import { ResultCaches } from '../../src/cni/attachments/result-caches.js';
import { PluginChain } from '../../src/cni/runtime/chain.js';
import { runHere, type PlaceProgram } from '../../src/host/programs/program-call.js';
import { PluginExec, type PluginLimits } from '../../src/cni/runtime/exec.js';
import { readPluginFolder } from '../../src/cni/folder/plugin-folder.js';
import { InstalledPlugins } from '../../src/cni/plugins/installed-plugins.js';
import { PluginBinaries } from '../../src/cni/plugins/plugin-binary.js';
import { PluginDirs } from '../../src/cni/runtime/plugin-dirs.js';
import { CniRuntime } from '../../src/cni/runtime/runtime.js';
import { SharedRulesGuard } from '../../src/cni/runtime/shared-rules.js';
import { PlaceholderNetnses } from '../../src/cni/runtime/placeholder-netns.js';
import { Files } from '../../src/host/files/files.js';
import { KernelLock } from '../../src/host/file-locks/kernel-lock.js';
import { Namespaces } from '../../src/host/namespaces/namespaces.js';
import { NetnsFolders } from '../../src/host/namespaces/netns.js';
import { readProcesses } from '../../src/host/programs/process-table.js';
import type { NetworkEvent } from '../../src/model/event.js';
import { KeyedQueue } from '../../src/model/keyed-queue.js';
import { Attaching } from '../../src/network/attachments/attaching.js';
import { Freeing } from '../../src/network/attachments/freeing.js';
import { showHost } from '../../src/network/attachments/attached-host.js';
import { PortClaims } from '../../src/network/attachments/port-claims.js';
import type { Repair } from '../../src/network/dependencies/runtime.js';
import type { FileProblem } from '../../src/network/dependencies/stored-network.js';
import { seeLeasesIn } from './cache-entry.js';
import { makeScratch } from './scratch.js';
import { makeService, type TestService } from './service.js';

export interface TestAttaching extends TestService {
  readonly folder: string;
  readonly cacheDir: string;
  readonly attaching: Attaching;
  readonly runtime: CniRuntime;
  readonly events: readonly Omit<NetworkEvent, 'timeNs'>[];
  readonly repairs: readonly Repair[];
  /** Problems of files, as reported to the log. */
  readonly problems: readonly FileProblem[];
}

export interface AttachingOptions {
  readonly pluginDirs: readonly string[];
  readonly files?: Files;
  readonly runner?: PlaceProgram;
  /** The path by which the test sees the leases of the plugins that `runner` runs. */
  readonly leaseDir?: string;
  readonly limits?: PluginLimits;
}

/** Networks and containers with a result cache of their own; the plugins run where `runner` places them. */
export function makeAttaching(t: Test, options: AttachingOptions): TestAttaching {
  const scratch = makeScratch(t);
  const folder = path.join(scratch, 'net.d');
  const cacheDir = path.join(scratch, 'cni');
  mkdirSync(folder);
  const { files = new Files(), leaseDir = path.join(cacheDir, 'networks') } = options;
  const plugins = new PluginDirs(options.pluginDirs, files);
  const base = makeService(folder, { files, plugins: new InstalledPlugins(plugins, new PluginBinaries(files)) });
  t.teardown(() => base.close());
  const { runner = runHere, limits = { timeoutMs: 60_000, maxOutputBytes: 1_048_576 } } = options;
  const living = new Namespaces('/run/netns');
  const namespaces = new NetnsFolders(['/run/netns', '/var/run/netns'], living);
  const exec = new PluginExec(plugins, runner, limits);
  const lock = new KernelLock(path.join(cacheDir, 'podnetd-rules.lock'));
  const problems: FileProblem[] = [];
  const onProblem = (problem: FileProblem) => void problems.push(problem);
  const results = new ResultCache(cacheDir, files, onProblem);
  t.teardown(() => results.close());
  const runtime = new CniRuntime(files, new PluginChain(new SharedRulesGuard(exec, lock, limits.timeoutMs)), {
    cacheDir,
    results: new ResultCaches(files, results),
    orphanTimeoutMs: limits.timeoutMs,
    namespaces,
    living,
    placeholders: new PlaceholderNetnses(runner),
    onProblem,
    chainedTo: (networkName) => readPluginFolder(files, folder, networkName),
  });
  const attachments = new AttachmentIndex(results, new Leases(seeLeasesIn(leaseDir), files, onProblem), {
    namespaces: new Namespaces('/run/netns'),
    readProcesses,
  });
  const events: Omit<NetworkEvent, 'timeNs'>[] = [];
  const repairs: Repair[] = [];
  const emitted = { emit: (event: Omit<NetworkEvent, 'timeNs'>) => void events.push(event) };
  const queue = new KeyedQueue();
  const attaching = new Attaching({
    reader: base.store,
    writer: base.writer,
    runtime,
    namespaces,
    attachments,
    freeing: new Freeing({ runtime, namespaces, queue, events: emitted }),
    queue,
    claims: new PortClaims(),
    host: showHost(runtime),
    events: emitted,
    report: (found) => repairs.push(...found),
  });
  return { ...base, folder, cacheDir, attaching, runtime, events, repairs, problems };
}
