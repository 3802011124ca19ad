import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Test } from 'tap';
import { limits, type Limits } from '../../src/api/limits.js';
import type { Role } from '../../src/model/role.js';
import { buildApp } from '../../src/server/app.js';
import { readMachine } from '../../src/host/machine.js';
import { listen } from '../../src/server/listen.js';
import { makeScratch } from './scratch.js';
import { makeService, type TestService } from './service.js';

export interface BoundedApp extends TestService {
  /** Has the role `admin`. */
  readonly socket: string;
  /** One for each role, for networks with the label team=x alone. */
  readonly labelSocketOf: Readonly<Record<Role, string>>;
  /** One for each role. */
  readonly socketOf: Readonly<Record<Role, string>>;
  readonly folder: string;
  /** Messages of the log so far. */
  readonly messages: readonly string[];
}

/** Runs the whole server in this process, with limits that a test reaches soon. */
export async function serveWithin(
  t: Test,
  own: Partial<Limits>,
  more: { readonly maxConnections?: number } = {},
): Promise<BoundedApp> {
  const scratch = makeScratch(t);
  const socket = path.join(scratch, 'podnetd.sock');
  const socketOf = {
    admin: socket,
    operate: path.join(scratch, 'operate.sock'),
    read: path.join(scratch, 'read.sock'),
  };
  const labelSocketOf = {
    admin: path.join(scratch, 'label-admin.sock'),
    operate: path.join(scratch, 'label-operate.sock'),
    read: path.join(scratch, 'label-read.sock'),
  };
  const folder = path.join(scratch, 'net.d');
  mkdirSync(folder);
  const made = makeService(folder);
  const messages: string[] = [];
  const sink = new Writable({
    write(line: Buffer, _encoding, done) {
      messages.push((JSON.parse(line.toString()) as { msg: string }).msg);
      done();
    },
  });
  const log = pino({ level: 'info' }, sink);
  const readiness = { look: async () => await Promise.resolve([]) };
  const app = buildApp(made.services, () => readMachine(true), readiness, log, { ...limits, ...own });
  const listening = await listen(app, {
    sockets: [
      ...Object.entries(socketOf).map(([role, at]) => ({ path: at, mode: 0o600, gid: undefined, role: role as Role })),
      ...Object.entries(labelSocketOf).map(([role, at]) => ({
        path: at,
        mode: 0o600,
        gid: undefined,
        role: role as Role,
        label: { key: 'team', value: 'x' },
      })),
    ],
    inherited: [],
    idleTimeoutMs: 0,
    log,
    ...more,
  });
  t.teardown(async () => {
    await listening.close(0);
    await app.close();
    made.close();
  });
  return { ...made, socket, socketOf, labelSocketOf, folder, messages };
}
