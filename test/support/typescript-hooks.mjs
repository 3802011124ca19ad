import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Module hooks that import a TypeScript file as JavaScript without types. esbuild makes it once for each content of a file: it checks no type. */

const require = createRequire(import.meta.url);
const root = path.join(import.meta.dirname, '../..');
const cache = path.join(root, 'node_modules/.cache/podnetd-tests');
const { version } = require('esbuild/package.json');
const options = {
  loader: 'ts',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  sourcesContent: false,
  tsconfigRaw: { compilerOptions: { target: 'es2023', verbatimModuleSyntax: true } },
};
/** The bytes of a cached module depend on these, on the name of the file, which its source map has, and on the text. */
const recipe = JSON.stringify([version, options]);

/** The text of a file as a module of JavaScript, with its source map. */
function transpiled(/** @type {string} */ file) {
  const text = readFileSync(file, 'utf8');
  const name = path.basename(file);
  const key = createHash('sha256').update(`${recipe}\0${name}\0${text}`).digest('hex');
  const entry = path.join(cache, `${key}.js`);
  if (existsSync(entry)) return readFileSync(entry, 'utf8');
  const { code } = require('esbuild').transformSync(text, { ...options, sourcefile: name });
  keep(entry, code);
  return code;
}

/** Test files run side by side: each sees a whole entry or none. A process of another user, which may not write here, goes without. */
function keep(/** @type {string} */ entry, /** @type {string} */ code) {
  const draft = `${entry}.${process.pid}`;
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(draft, code);
    renameSync(draft, entry);
  } catch (error) {
    if (error.code !== 'EACCES' && error.code !== 'EROFS') throw error;
  }
}

/** Finds `x.ts` for `./x.js`, as the compiler does. */
export function resolve(specifier, context, nextResolve) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
    const url = new URL(`${specifier.slice(0, -'.js'.length)}.ts`, context.parentURL);
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return nextResolve(specifier, context);
}

export function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  return { source: transpiled(fileURLToPath(url)), format: 'module', shortCircuit: true };
}
