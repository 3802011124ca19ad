import { Type } from '@sinclair/typebox';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import { answer } from '../errors/route-schemas.js';

/**
 * Routes of an engine that podnetd does not have, with the answers on which clients of networks go on best. The OpenAPI document has none of them.
 */

const everyMethod: HTTPMethods[] = ['DELETE', 'GET', 'HEAD', 'POST', 'PUT'];

/** @param name of the thing in the URL; empty where the path has none */
type Answer = (name: string, url: string) => unknown;

type Row = readonly [methods: HTTPMethods[], urls: readonly string[], answer: Answer];

const nothing =
  (body: unknown): Answer =>
  () =>
    body;

const needsEngine =
  (feature: string): Answer =>
  () => {
    throw new NetworkError('engineRequired', { feature });
  };

const noContainer: Answer = (nameOrId) => {
  throw new NetworkError('containerNotFound', { nameOrId });
};

const noImage: Answer = (image) => {
  throw new NetworkError('imageNotFound', { image: image.replace(/\/(?:json|history|tag|push|get)$/, '') });
};

const noVolume: Answer = (volume) => {
  throw new NetworkError('volumeNotFound', { volume });
};

const noSwarm: Answer = (_name, url) => {
  throw new NetworkError('serviceAbsent', { url });
};

/** Below and at each of these. */
const swarmUrls = ['configs', 'nodes', 'secrets', 'services', 'swarm', 'tasks'].flatMap((name) => [
  `/${name}`,
  `/${name}/*`,
]);

/** `*` takes names with slashes, which clients do not encode. */
const table: readonly Row[] = [
  // docker-py takes 503 for "no swarm" and raises at 404. DIVERGES: Podman has 404 for `/swarm` itself and its like, which docker-py reads too.
  // source: podman pkg/api/server/register_swarm.go@v5.4.2; docker-py docker/models/swarm.py, docker/api/swarm.py@7.1.0
  [everyMethod, swarmUrls, noSwarm],
  // docker-compose lists them before it makes networks. source: compose pkg/compose/compose.go@v2 (actualVolumes), moby api/swagger.yaml@v25
  [['GET'], ['/images/json', '/plugins'], nothing([])],
  [['GET'], ['/volumes'], nothing({ Volumes: [], Warnings: [] })],
  [['GET'], ['/system/df'], nothing({ LayersSize: 0, Images: [], Containers: [], Volumes: [], BuildCache: [] })],
  // `docker system prune` asks for one after the other, and networks come in the middle. source: docker/cli cli/command/system/prune.go@v28
  [['POST'], ['/containers/prune'], nothing({ ContainersDeleted: null, SpaceReclaimed: 0 })],
  [['POST'], ['/images/prune'], nothing({ ImagesDeleted: null, SpaceReclaimed: 0 })],
  [['POST'], ['/volumes/prune'], nothing({ VolumesDeleted: null, SpaceReclaimed: 0 })],
  [['POST'], ['/build/prune'], nothing({ CachesDeleted: null, SpaceReclaimed: 0 })],
  // 404 with these words makes clients fetch an image, or look among networks. source: docker-py docker/errors.py@7.1.0,
  // docker/cli cli/command/system/inspect.go@v28
  [everyMethod, ['/images/*'], noImage],
  [everyMethod, ['/volumes/:name'], noVolume],
  [everyMethod, ['/containers/:name', '/containers/:name/*'], noContainer],
  [['POST'], ['/images/create', '/images/load'], needsEngine('fetching an image')],
  [['POST'], ['/containers/create'], needsEngine('making a container')],
  [['POST'], ['/volumes/create'], needsEngine('making a volume')],
  [['POST'], ['/build', '/grpc', '/session'], needsEngine('building an image')],
  [['POST'], ['/commit'], needsEngine('making an image')],
  [['POST'], ['/auth'], needsEngine('logging in to a registry')],
  [['GET'], ['/distribution/*'], needsEngine('asking a registry')],
];

export function addAbsent(instance: FastifyInstance): void {
  for (const [method, urls, respond] of table) {
    for (const url of urls) {
      instance.route<{ Params: { name?: string; '*'?: string } }>({
        method,
        url,
        // They change nothing, whatever they are called.
        config: { role: 'read' },
        schema: { response: { 200: answer('Nothing', Type.Unknown(), {}) } },
        handler: ({ params, originalUrl }) => respond(params.name ?? params['*'] ?? '', originalUrl),
      });
    }
  }
}
