import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { makeScratch } from './scratch.js';

const run = promisify(execFile);
/** Bytes that etcdctl may print. */
const mostOutput = 67_108_864;

/** A real etcd on loopback. */
export interface Etcd {
  /** URLs for clients. */
  readonly endpoints: readonly string[];
  readonly members: readonly EtcdMember[];
  /** Files for clients; undefined without TLS. */
  readonly tls: Certificates | undefined;
  /** Runs etcdctl. @returns what it printed @throws Error when it fails */
  ctl(...args: readonly string[]): Promise<string>;
  /** The keys below a prefix with their values, in order. */
  list(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** Waits until some member answers. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export interface EtcdMember {
  readonly name: string;
  readonly url: string;
  /** Starts it again, with the disk that it has. @param args further flags */
  start(...args: readonly string[]): Promise<void>;
  /** Returns when it has ended. */
  kill(): Promise<void>;
  /** Returns when no thread runs. */
  pause(): void;
  resume(): void;
  /** Removes all that it has on disk; it has to be dead. */
  loseDisk(): void;
}

/** Paths of files in PEM; `cert` is one of a client and of a server, and is signed by `ca`. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface EtcdOptions {
  readonly members?: number;
  /** With certificates of clients that etcd checks. */
  readonly hasTls?: boolean;
}

/** Starts one in a folder of its own; it ends with the test. */
export async function startEtcd(t: Test, options: EtcdOptions = {}): Promise<Etcd> {
  const etcd = await runEtcd(makeScratch(t), options);
  t.teardown(async () => await etcd.stop());
  return etcd;
}

/** @param scratch a folder for its files */
export async function runEtcd(
  scratch: string,
  { members: count = 1, hasTls = false }: EtcdOptions = {},
): Promise<Etcd> {
  const tls = hasTls ? makeCertificates(path.join(scratch, 'tls')) : undefined;
  const ports = await findPorts(2 * count);
  const scheme = tls === undefined ? 'http' : 'https';
  const urls = ports.map((port) => `${scheme}://127.0.0.1:${port}`);
  const places = Array.from({ length: count }, (_, index) => ({
    name: `m${index}`,
    url: urls[index] ?? '',
    peerUrl: urls[count + index] ?? '',
    dataDir: path.join(scratch, `m${index}.etcd`),
  }));
  const cluster = places.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',');
  const members = places.map((place) => new Member(place, cluster, tls));
  const endpoints = places.map(({ url }) => url);
  const ctl = async (...args: readonly string[]) => {
    const shared = ['--endpoints', endpoints.join(','), '--command-timeout=20s', ...flagsOf(tls)];
    const env = { ...process.env, ETCDCTL_API: '3' };
    return (await run('etcdctl', [...shared, ...args], { encoding: 'utf8', env, maxBuffer: mostOutput })).stdout;
  };
  const ready = async () => {
    for (let tries = 0; !(await isHealthy(endpoints, tls)); tries += 1) {
      if (tries === 300) throw new Error(`etcd does not answer: ${members.map(({ output }) => output).join('\n')}`);
      await sleep(100);
    }
  };
  await Promise.all(members.map(async (member) => await member.start()));
  await ready();
  return {
    endpoints,
    members,
    tls,
    ctl,
    async list(prefix) {
      const { kvs = [] } = JSON.parse(await ctl('get', '--prefix', prefix, '--write-out=json')) as {
        readonly kvs?: readonly { readonly key: string; readonly value?: string }[];
      };
      const decode = (text = '') => Buffer.from(text, 'base64').toString();
      return new Map(kvs.map(({ key, value }) => [decode(key), decode(value)]));
    },
    ready,
    async stop() {
      await Promise.all(members.map(async (member) => await member.kill()));
    },
  };
}

interface Place {
  readonly name: string;
  readonly url: string;
  readonly peerUrl: string;
  readonly dataDir: string;
}

class Member implements EtcdMember {
  #child: ChildProcess | undefined;
  output = '';

  constructor(
    private readonly place: Place,
    private readonly cluster: string,
    private readonly tls: Certificates | undefined,
  ) {}

  get name(): string {
    return this.place.name;
  }

  get url(): string {
    return this.place.url;
  }

  async start(...args: readonly string[]): Promise<void> {
    const { name, url, peerUrl, dataDir } = this.place;
    const flags = [
      ['name', name],
      ['data-dir', dataDir],
      ['listen-client-urls', url],
      ['advertise-client-urls', url],
      ['listen-peer-urls', peerUrl],
      ['initial-advertise-peer-urls', peerUrl],
      ['initial-cluster', this.cluster],
      ['logger', 'zap'],
      ['log-level', 'error'],
    ];
    const child = spawn('etcd', [...flags.map(([flag, value]) => `--${flag}=${value}`), ...this.#tlsFlags(), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output = `${this.output}${chunk.toString()}`.slice(-10_000)));
    this.#child = child;
    await once(child, 'spawn');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  pause(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    process.kill(pid, 'SIGSTOP');
    // Its threads stop one by one, and one of them may still answer.
    while (!isStopped(pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  loseDisk(): void {
    rmSync(this.place.dataDir, { recursive: true, force: true });
  }

  #tlsFlags(): readonly string[] {
    if (this.tls === undefined) return [];
    const { ca, cert, key } = this.tls;
    return ['', 'peer-'].flatMap((kind) => [
      `--${kind}cert-file=${cert}`,
      `--${kind}key-file=${key}`,
      `--${kind}trusted-ca-file=${ca}`,
      `--${kind}client-cert-auth`,
    ]);
  }
}

function isStopped(pid: number): boolean {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.every((thread) => /\) T /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')));
}

function flagsOf(tls: Certificates | undefined): readonly string[] {
  return tls === undefined ? [] : ['--cacert', tls.ca, '--cert', tls.cert, '--key', tls.key];
}

/** An authority, and a certificate for 127.0.0.1; etcd's gateway shows that of the server to the server itself. */
export function makeCertificates(folder: string): Certificates {
  mkdirSync(folder);
  const at = (name: string) => path.join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.crt'), '-days', '2', '-subj', '/CN=ca');
  openssl('req', ...newKey, '-keyout', at('own.key'), '-out', at('own.csr'), '-subj', '/CN=podnetd');
  writeFileSync(at('own.cnf'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
  const signed = [
    '-CA',
    at('ca.crt'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('own.cnf'),
  ];
  openssl('x509', '-req', '-in', at('own.csr'), '-out', at('own.crt'), ...signed);
  return { ca: at('ca.crt'), cert: at('own.crt'), key: at('own.key') };
}

/** Ports of loopback that are free now. */
async function findPorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}

async function isHealthy(endpoints: readonly string[], tls: Certificates | undefined): Promise<boolean> {
  const answers = await Promise.all(endpoints.map(async (url) => await askHealth(url, tls)));
  return answers.includes(true);
}

async function askHealth(url: string, tls: Certificates | undefined): Promise<boolean> {
  const files = tls && { ca: readFileSync(tls.ca), cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
  return await new Promise((resolve) => {
    const outgoing = (tls === undefined ? httpRequest : httpsRequest)(
      `${url}/health`,
      { ...files, agent: false, timeout: 1_000 },
      (incoming) => {
        incoming.resume();
        incoming.on('end', () => resolve(incoming.statusCode === 200));
        incoming.on('error', () => resolve(false));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(false));
    outgoing.end();
  });
}
