import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import type { FleetBody } from '../../src/api/podnetd/fleet.js';
import type { Answer } from '../support/client.js';
import { daemonScript, startDaemon, type TestDaemon } from '../support/daemon.js';
import type { Certificates } from '../support/etcd.js';
import { makeScratch } from '../support/scratch.js';

export interface PoolToml {
  readonly base: string;
  readonly block: number;
  readonly size: number;
}

export interface FleetToml {
  readonly endpoints: readonly string[];
  readonly pools: readonly PoolToml[];
  readonly prefix?: string;
  readonly tls?: Certificates | undefined;
}

/** A host of a fleet with folders of its own, whose podnetd may end and start again. */
export class FleetHost {
  #daemon: TestDaemon | undefined;
  readonly #locks: string;
  readonly folder: string;
  readonly stateFile: string;
  readonly settingsFile: string;
  /** Path of a socket whose clients see the networks with the label `team=x` alone. */
  readonly labelled: string;

  constructor(
    private readonly t: Test,
    readonly name: string,
    private readonly fleet: FleetToml,
  ) {
    const scratch = makeScratch(t);
    this.folder = path.join(scratch, 'net.d');
    this.stateFile = path.join(scratch, 'fleet.json');
    this.settingsFile = path.join(scratch, 'podnetd.toml');
    this.#locks = path.join(scratch, 'locks');
    this.labelled = path.join(scratch, 'team.sock');
    for (const folder of [this.folder, this.#locks]) mkdirSync(folder);
    writeFileSync(this.settingsFile, this.toml);
  }

  get daemon(): TestDaemon {
    if (this.#daemon === undefined) throw new Error(`${this.name} does not run`);
    return this.#daemon;
  }

  get toml(): string {
    const { endpoints, pools, prefix = '/podnetd', tls } = this.fleet;
    return [
      '[fleet]',
      `endpoints = ${JSON.stringify(endpoints)}`,
      `pools = [${pools.map(({ base, block, size }) => `{ base = "${base}", block = ${block}, size = ${size} }`).join(', ')}]`,
      `prefix = "${prefix}"`,
      `host = "${this.name}"`,
      `state_file = "${this.stateFile}"`,
      ...(tls === undefined ? [] : Object.entries(tls).map(([key, file]) => `${key} = "${file}"`)),
      '',
    ].join('\n');
  }

  async start(): Promise<this> {
    // Hosts share no locks; the daemon has mounts of its own already.
    const prefix = ['sh', '-c', 'mount --bind "$0" /run/lock && exec "$@"', this.#locks];
    this.#daemon = await startDaemon(this.t, {
      folder: this.folder,
      podnetdToml: this.toml,
      prefix,
      args: ['--listen', `unix://${this.labelled}?label=team=x&role=admin`],
    });
    return this;
  }

  /** @returns when a round with the store is over that had an own block */
  async startOwning(): Promise<this> {
    await this.start();
    await this.until(({ own_blocks: blocks }) => blocks.length > 0);
    return this;
  }

  async create(name: string, subnet?: string, query = ''): Promise<Answer> {
    const IPAM = subnet === undefined ? undefined : { Config: [{ Subnet: subnet }] };
    return await this.daemon.ask('POST', `/v1.41/networks/create${query}`, { Name: name, ...(IPAM && { IPAM }) });
  }

  async must(name: string, subnet?: string): Promise<string> {
    const answer = await this.create(name, subnet);
    if (answer.status !== 201) throw new Error(`${this.name}: ${answer.text}`);
    return await this.subnetOf(name);
  }

  async subnetOf(name: string): Promise<string> {
    const network = (await this.daemon.ask('GET', `/v1.41/networks/${name}`)).json() as {
      readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
    };
    return network.IPAM.Config[0]?.Subnet ?? '';
  }

  async look(): Promise<FleetBody> {
    return (await this.daemon.ask('GET', '/podnetd/v1/fleet')).json() as FleetBody;
  }

  async until(isReached: (fleet: FleetBody) => boolean): Promise<FleetBody> {
    for (let tries = 0; ; tries += 1) {
      const fleet = await this.look();
      if (isReached(fleet)) return fleet;
      if (tries === 150) throw new Error(`${this.name}: ${JSON.stringify(fleet)} ${JSON.stringify(this.daemon.log())}`);
      await sleep(100);
    }
  }

  async untilReaching(isReachable: boolean): Promise<FleetBody> {
    return await this.until(({ store }) => store?.reachable === isReachable);
  }

  /** The blocks in the durable file. */
  file(): readonly string[] {
    if (!existsSync(this.stateFile)) return [];
    const { blocks } = JSON.parse(readFileSync(this.stateFile, 'utf8')) as {
      readonly blocks: readonly { readonly block: string }[];
    };
    return blocks.map(({ block }) => block);
  }

  /** Runs a command of podnetd with this host's settings. */
  run(...args: readonly string[]) {
    return this.runScript(daemonScript, ...args);
  }

  /** @param script another copy of the bundle */
  runScript(script: string, ...args: readonly string[]) {
    const command = [script, ...args, '--config', this.settingsFile];
    const env = { ...process.env, CONTAINERS_CONF: '/dev/null', LC_ALL: 'C.UTF-8' };
    return spawnSync(process.execPath, command, { encoding: 'utf8', env, timeout: 60_000 });
  }
}
