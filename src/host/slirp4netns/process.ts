import * as fs from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { start, StartError, type Argv, type BackgroundOptions } from '../programs/background.js';
import { codeOf, reasonOf } from '../native-error.js';
import { identifyProcess, type ProcessId } from '../programs/process-identity.js';
import { run } from '../programs/run.js';

/** The user's options for slirp4netns; source: containers.conf(5), network_cmd_options. */
export interface SlirpOptions {
  /** IPv4 with prefix length; slirp4netns's own 10.0.2.0/24 when undefined. */
  readonly cidr?: string;
  readonly mtu: number;
  /** Undefined: IPv6 if the program has it. */
  readonly enableIpv6?: boolean;
  /** Addresses, or names of interfaces. */
  readonly outboundAddr?: string;
  readonly outboundAddr6?: string;
  readonly allowHostLoopback: boolean;
}

/** source: podman libpod/networking_slirp4netns.go@v4.3.1 */
export const defaultSlirpOptions: SlirpOptions = { mtu: 65_520, allowHostLoopback: false };

/** Name of the link that slirp4netns makes in the namespace; the link ends with the process. */
export const tapName = 'tap0';

/** Long options of this build of the program, such as `--mtu`. */
export type SlirpFeatures = ReadonlySet<string>;

export interface SlirpTarget {
  /** Path of the network namespace, as the program sees it. */
  readonly netns: string;
  readonly apiSocket: string;
  /** Read end of a pipe; the program ends when the last writer closes the pipe. */
  readonly exitDescriptor: number;
}

/** Descriptor numbers in the child; see {@link start}. */
const readyNumber = 3;
const exitNumber = 4;

const helpTimeoutMs = 10_000;
const readyTimeoutMs = 15_000;
const helpBytes = 64 * 1024;

/** The options of the program `file`, by its usage text. @throws StartError */
export async function readSlirpFeatures(file: string): Promise<SlirpFeatures> {
  const argv: Argv = [file, '--help'];
  const outcome = await run(file, ['--help'], { timeoutMs: helpTimeoutMs, maxOutputBytes: helpBytes });
  if (outcome.kind === 'notStarted') throw new StartError(argv, outcome.reason, outcome.code);
  // Builds differ in exit code and stream of the usage text, so both streams count, whatever the exit code.
  const features = new Set(`${outcome.stdout}\n${outcome.stderr}`.match(/--[a-z][a-z0-9-]*/g));
  if (features.size === 0) throw new StartError(argv, 'it prints no options');
  return features;
}

/**
 * The arguments for slirp4netns; source: podman libpod/networking_slirp4netns.go@v4.3.1 (createBasicSlirp4netnsCmdArgs)
 *
 * @returns `unsupported` when the user asks for an option that this build does not have
 */
export function buildSlirpArgs(
  features: SlirpFeatures,
  options: SlirpOptions,
  { netns, apiSocket }: Pick<SlirpTarget, 'netns' | 'apiSocket'>,
): readonly string[] | { readonly unsupported: string } {
  const { cidr, mtu, enableIpv6, outboundAddr, outboundAddr6, allowHostLoopback } = options;
  const asked: readonly [feature: string, argument: string | undefined][] = [
    ['--cidr', cidr && `--cidr=${cidr}`],
    ['--enable-ipv6', enableIpv6 === true ? '--enable-ipv6' : undefined],
    ['--outbound-addr', outboundAddr && `--outbound-addr=${outboundAddr}`],
    ['--outbound-addr6', outboundAddr6 && `--outbound-addr6=${outboundAddr6}`],
  ];
  const wished: typeof asked = [
    ['--disable-host-loopback', allowHostLoopback ? undefined : '--disable-host-loopback'],
    ['--mtu', `--mtu=${mtu}`],
    ['--enable-sandbox', '--enable-sandbox'],
    ['--enable-seccomp', '--enable-seccomp'],
    ['--enable-ipv6', enableIpv6 === undefined ? '--enable-ipv6' : undefined],
  ];
  const unsupported = asked.find(([feature, argument]) => argument !== undefined && !features.has(feature));
  if (unsupported !== undefined) return { unsupported: unsupported[0] };
  const given = [...wished, ...asked].flatMap(([feature, argument]) =>
    argument !== undefined && features.has(feature) ? [argument] : [],
  );
  return [
    ...given,
    '--configure',
    `--ready-fd=${readyNumber}`,
    `--exit-fd=${exitNumber}`,
    `--api-socket=${apiSocket}`,
    '--netns-type=path',
    netns,
    tapName,
  ];
}

/**
 * Starts slirp4netns so that it outlives this process, and waits until its network is ready.
 *
 * @param argv with the arguments of {@link buildSlirpArgs}
 * @throws StartError with the program's own words
 */
export async function startSlirp(
  argv: Argv,
  { apiSocket, exitDescriptor }: Pick<SlirpTarget, 'apiSocket' | 'exitDescriptor'>,
  options: Pick<BackgroundOptions, 'env'>,
): Promise<ProcessId> {
  fs.rmSync(apiSocket, { force: true });
  const log = openLog(path.dirname(apiSocket));
  try {
    const child = start(argv, ['ignore', log, log, 'pipe', exitDescriptor], options);
    const ready = child.stdio[readyNumber] as Readable;
    try {
      await awaitReady(child, ready, argv, log);
      const found = child.pid === undefined ? undefined : identifyProcess(child.pid);
      if (found === undefined) throw new StartError(argv, readLog(log) || 'it ended at once');
      return found;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      ready.destroy();
      child.unref();
    }
  } finally {
    fs.closeSync(log);
  }
}

/** @throws StartError */
async function awaitReady(child: ChildProcess, ready: Readable, argv: Argv, log: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let onExit: ((code: number | null, signal: string | null) => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string, code?: string) => reject(new StartError(argv, reason, code));
      timer = setTimeout(() => fail(`it was not ready within ${readyTimeoutMs} ms`), readyTimeoutMs);
      onExit = (code, signal) => fail(readLog(log) || `it ended with ${signal ?? `exit status ${code}`}`);
      child.once('exit', onExit);
      child.once('error', (error) => fail(reasonOf(error), codeOf(error)));
      ready.once('data', () => resolve());
    });
  } finally {
    clearTimeout(timer);
    // The handler would read the log, which is closed when the program ends later.
    if (onExit !== undefined) child.off('exit', onExit);
  }
}

/** A log file for the program's output, without a name, so that it needs no clearing after a crash. @returns its descriptor */
function openLog(folder: string): number {
  const file = path.join(folder, `slirp4netns-${process.pid}.log`);
  const log = fs.openSync(file, 'w+', 0o600);
  fs.unlinkSync(file);
  return log;
}

function readLog(log: number): string {
  const buffer = Buffer.alloc(4096);
  const length = fs.readSync(log, buffer, 0, buffer.length, 0);
  return buffer.toString('utf8', 0, length).trim().replaceAll('\n', '; ');
}
