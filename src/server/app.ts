import type { RequestListener, Server } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { parseAddress, type DialectName } from '../api/address.js';
import { compat } from '../api/compat/routes.js';
import type { Dialect, RouteServices } from '../api/dialect.js';
import { chooseChanges } from '../api/dry-run.js';
import { libpodV3 } from '../api/libpod-v3/routes.js';
import { libpodV4 } from '../api/libpod-v4/routes.js';
import { limits as defaultLimits, type Limits } from '../api/limits.js';
import { podnetd } from '../api/podnetd/routes.js';
import type { AuditLog } from '../model/audited-request.js';
import type { Machine } from '../model/machine.js';
import type { Readiness } from '../network/readiness.js';
import { formatLabelScope, type LabelScope } from '../model/label-scope.js';
import type { ScopedServices, Services } from '../network/services.js';
import { entranceOf } from './accepting-socket.js';
import { Budget } from './budget.js';
import { buildDialectApp, type Shared } from './dialect-app.js';
import { buildHttpServer } from './http-server.js';
import { StreamBudget } from './stream-bounds.js';
import { Pipelines } from './pipelines.js';
import { UserRounds } from './user-rounds.js';

export const dialects = [compat, libpodV3, libpodV4, podnetd] as const;

const byName = new Map<DialectName, Dialect>(dialects.map((dialect) => [dialect.name, dialect]));

/** The HTTP server with all dialects behind it. */
export interface App {
  /** It does not listen yet. */
  readonly server: Server;
  /** Ends the dialects; the server is its caller's to close. */
  close(): Promise<void>;
}

/** What the sockets of one label, or those without one, serve. */
interface Served {
  readonly routeServices: RouteServices;
  readonly routings: Map<DialectName, RequestListener>;
}

function prepare({ changes, changesOf, previews, ...others }: ScopedServices): Served {
  return {
    routeServices: { ...others, changesFor: chooseChanges({ changes, changesOf, previews }) },
    routings: new Map(),
  };
}

/** Builds the server. A dialect's routes are made when its first request comes, because most clients speak one dialect. */
export function buildApp(
  services: Services,
  readMachine: () => Machine,
  readiness: Pick<Readiness, 'look'>,
  log: FastifyBaseLogger,
  limits: Limits = defaultLimits,
  audit?: AuditLog,
  onAnswer: Shared['onAnswer'] = () => undefined,
): App {
  const rounds = new UserRounds();
  const memory = { answers: new Budget(limits.allAnswersBytes), bodies: new Budget(limits.allBodiesBytes) };
  const shared: Shared = {
    log,
    limits,
    rounds,
    memory,
    streams: new StreamBudget(limits, memory.answers),
    onAnswer,
    audit,
  };
  const served = new Map<string, Served>();
  const servedTo = (label: LabelScope | undefined): Served => {
    const key = label === undefined ? '' : formatLabelScope(label);
    const found = served.get(key) ?? prepare(label === undefined ? services : services.within(label));
    served.set(key, found);
    return found;
  };
  const apps: FastifyInstance[] = [];
  const build = (name: DialectName, { routeServices, routings }: Served): RequestListener => {
    const dialect = byName.get(name) ?? compat;
    const app = buildDialectApp(dialect, shared, (scope) =>
      dialect.addRoutes(scope, routeServices, readMachine, readiness),
    );
    apps.push(app);
    const routing: RequestListener = (request, response) => app.routing(request, response);
    const ready = app.ready().then(() => routings.set(name, routing));
    return (request, response) => void ready.then(() => routing(request, response));
  };
  const route: RequestListener = (request, response) => {
    request.address = parseAddress(request.url ?? '/');
    const { dialect } = request.address;
    const to = servedTo(entranceOf(request.socket)?.label);
    const routing = to.routings.get(dialect) ?? build(dialect, to);
    if (!to.routings.has(dialect)) to.routings.set(dialect, routing);
    routing(request, response);
  };
  return {
    server: buildHttpServer(route, new Pipelines(limits, rounds), limits),
    async close() {
      await Promise.all(apps.map(async (app) => await app.close()));
    },
  };
}
