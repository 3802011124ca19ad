'use strict';

/** Built-in modules that the first answer does not need. Node takes 1 to 5 ms for the first `require` of each. */
const builtins = [
  'assert',
  'child_process',
  'crypto',
  'dns',
  'fs/promises',
  'http2',
  'https',
  'perf_hooks',
  'readline/promises',
  'timers/promises',
  'v8',
  'worker_threads',
];

/** Packages that podnetd needs later or never, though a library or a file of its own imports them at its beginning. */
const packages = ['proper-lockfile', 're2js', 'semver', 'smol-toml', 'thread-stream'];

/** Members that libraries read at their beginning. podnetd has no threads. */
const constants = { worker_threads: { isMainThread: true } };

const namespace = 'late';

/** For esbuild: puts a stand-in in the place of each late module, which loads it when a member is first read, called or constructed. */
exports.lateModules = {
  name: 'late-modules',
  setup(build) {
    const names = [...builtins.map((name) => `(?:node:)?${name}`), ...packages].join('|');
    build.onResolve({ filter: new RegExp(`^(?:${names})$`) }, ({ path, namespace: importer, resolveDir }) => {
      if (importer !== namespace) return { path: path.replace(/^node:/, ''), namespace, pluginData: resolveDir };
      return builtins.includes(path) ? { path: `node:${path}`, external: true } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace }, async ({ path, pluginData }) => ({
      contents: printStandIn(path, await import(path)),
      resolveDir: pluginData,
    }));
  },
};

/** @param real the module, for the names of its members */
function printStandIn(path, real) {
  const members = Object.keys(real)
    .filter((name) => name !== 'default' && name !== 'module.exports')
    .map((name) => {
      const constant = constants[path]?.[name];
      const value = constant === undefined ? `load()[${JSON.stringify(name)}]` : JSON.stringify(constant);
      return `${JSON.stringify(name)}: { enumerable: true, get: () => ${value} },`;
    });
  return `const load = () => require(${JSON.stringify(path)});
module.exports = Object.defineProperties(${printTarget(path, real)}, {\n${members.join('\n')}\n});`;
}

function printTarget(path, { default: target }) {
  // Libraries call it at each start, and it has something to do after a bug alone.
  if (path === 'assert') return '(value, message) => { if (!value) load()(value, message); }';
  if (typeof target !== 'function') return '{}';
  return 'function (...given) { return new.target ? new (load())(...given) : load()(...given); }';
}
