import path from 'node:path';
import { buildSync } from 'esbuild';

const program = `
const fastify = require('fastify');
const compilersFactory = { buildValidator: () => () => () => true, buildSerializer: () => () => String };
const app = fastify({ schemaController: { compilersFactory } });
app.get('/_ping', (_request, reply) => reply.send('OK'));
const flag = process.argv.indexOf('--listen');
const place = flag < 0 ? { fd: 3 } : process.argv[flag + 1].slice('unix://'.length);
app.ready(() => app.server.listen(place));
`;

/**
 * Bundles, as podnetd is bundled, a program that does nothing but answer a ping by Fastify, which podnetd cannot be faster than. It leaves out
 * Fastify's compilers of schemas, as podnetd does.
 */
export function bundleFastify(outfile: string): void {
  const resolveDir = path.resolve(import.meta.dirname, '..');
  const external = ['light-my-request', '@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'];
  const stdin = { contents: program, resolveDir };
  buildSync({
    stdin,
    outfile,
    external,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
  });
}
