import path from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import t from 'tap';
import { compat } from '../../../src/api/compat/routes.js';
import type { Dialect } from '../../../src/api/dialect.js';
import { addErrorHandling } from '../../../src/api/errors/error-body.js';
import { limits } from '../../../src/api/limits.js';
import { libpodV3 } from '../../../src/api/libpod-v3/routes.js';
import { libpodV4 } from '../../../src/api/libpod-v4/routes.js';
import { podnetd } from '../../../src/api/podnetd/routes.js';
import { errorCodes } from '../../../src/model/errors/catalogue.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { errorSamples } from '../../model/errors/error-samples.js';

const dialects: readonly Dialect[] = [compat, libpodV3, libpodV4, podnetd];

// Beside the test, not in a folder of tap's at the top level.
t.snapshotFile = path.join(import.meta.dirname, 'error-body.snapshot.cjs');

/** An app of one dialect whose only route throws. */
function throwing(dialect: Dialect, error: () => unknown): FastifyInstance {
  const app = fastify({ genReqId: () => 'request-1', bodyLimit: limits.bodyBytes });
  addErrorHandling(app, dialect);
  app.get('/', () => {
    throw error();
  });
  app.post('/', () => 'unreached');
  return app;
}

async function get(dialect: Dialect, error: () => unknown) {
  return await throwing(dialect, error).inject('/');
}

for (const dialect of dialects) {
  t.test(`every error as ${dialect.name} tells it`, async (t) => {
    const told: Record<string, string> = {};
    for (const code of errorCodes) {
      const answer = await get(dialect, () => new NetworkError(code, errorSamples[code]));
      const { response, remedy } = answer.json<{ response: number; remedy?: string }>();
      t.equal(response, answer.statusCode, `${code}: the body repeats the status`);
      const own = dialect === podnetd ? new NetworkError(code, errorSamples[code]).remedy : undefined;
      t.equal(remedy, own, `${code}: podnetd's own API has the remedy, Podman's error model has no room for it`);
      t.equal(answer.body.endsWith('}\n'), true, `${code}: ends with a line feed`);
      const retryAfter = answer.headers['retry-after'];
      told[code] = `${answer.statusCode}${retryAfter === undefined ? '' : ` retry-after ${retryAfter}`} ${answer.body}`;
    }
    t.matchSnapshot(told);
  });

  t.test(`a bug as ${dialect.name} tells it`, async (t) => {
    for (const bug of [new TypeError('x is not a function'), Object.assign(new Error('odd'), { statusCode: 503 })]) {
      const answer = await get(dialect, () => bug);
      const message = 'internal error, see the log of podnetd for request request-1';
      t.equal(answer.statusCode, 500);
      t.strictSame(answer.json(), { cause: message, message, response: 500 }, 'nothing of the bug is shown');
    }
  });

  t.test(`faults of HTTP as ${dialect.name} tells them`, async (t) => {
    const app = throwing(dialect, () => undefined);
    const payload = 'x'.repeat(limits.bodyBytes + 1);
    const tooLarge = await app.inject({ method: 'POST', url: '/', payload, headers: { 'content-type': 'text/plain' } });
    const message = 'request body is larger than 1048576 bytes';
    t.equal(tooLarge.statusCode, 413);
    t.equal(tooLarge.body, `{"cause":"${message}","message":"${message}","response":413}\n`);

    const unknown = await app.inject('/nowhere?secret=1');
    const noRoute = 'GET /nowhere: no such route: podnetd serves networks only';
    t.equal(unknown.statusCode, 404);
    t.equal(unknown.body, `{"cause":"${noRoute}","message":"${noRoute}","response":404}\n`);
  });
}

for (const dialect of dialects) {
  t.test(`only causes of our own are logged, ${dialect.name}`, async (t) => {
    const lines: string[] = [];
    const app = fastify({ logger: { level: 'error', stream: { write: (line: string) => lines.push(line) } } });
    addErrorHandling(app, dialect);
    app.get('/full', () => {
      throw new NetworkError('storageFailed', errorSamples.storageFailed, { cause: new Error('the disk says no') });
    });
    app.get('/missing', () => {
      throw new NetworkError('networkNotFound', errorSamples.networkNotFound, { cause: new Error('not there') });
    });
    await app.inject('/missing');
    t.strictSame(lines, []);
    await app.inject('/full');
    t.equal(lines.length, 1);
    t.match(lines[0], /the disk says no/);
    t.match(lines[0], /"remedy":"free space/);
  });
}
