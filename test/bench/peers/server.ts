import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts } from '../../support/accepts.js';
import { Client } from '../client.js';

/** A server under measurement. */
export interface Server {
  readonly name: string;
  readonly process: ChildProcess;
  readonly socket: string;
  /** Milliseconds from the start of the process to its first answer. */
  readonly firstAnswerMs: number;
  connect(): Promise<Client>;
  stop(): Promise<void>;
}

/** Turns a command line into the one that runs it in the place of the measurement. */
export type Wrap = (file: string, args: readonly string[]) => readonly [file: string, args: readonly string[]];

export const runHere: Wrap = (file, args) => [file, args];

/** Starts a server, and waits for its socket and its first answer. */
export async function serve(name: string, start: () => ChildProcess, socket: string): Promise<Server> {
  const begun = performance.now();
  const process = start();
  for (let tries = 0; !(await accepts(socket)); tries += 1) {
    if (process.exitCode !== null || tries > 30_000) throw new Error(`${name} did not start`);
    await sleep(1);
  }
  const clients: Client[] = [];
  const connect = async () => {
    const client = await Client.open(socket);
    clients.push(client);
    return client;
  };
  await (await connect()).expect(200, 'GET', '/_ping');
  return {
    name,
    process,
    socket,
    firstAnswerMs: performance.now() - begun,
    connect,
    stop: async () => {
      for (const client of clients) client.close();
      const ended = once(process, 'exit');
      process.kill();
      await ended;
    },
  };
}

export function fill(folder: string, count: number, extension: string, write: (index: number) => string): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    writeFileSync(path.join(folder, `net${index}${extension}`), write(index));
  }
}

/** MiB of memory that a process has now. */
export function residentMiB({ process: { pid } }: Server): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
