'use strict';

const { readFileSync, writeFileSync } = require('node:fs');

const maker = 'var __toESM=(mod,isNodeMode,target)=>(';
const sharing =
  'var __namespaces=new Map,__toESM=(mod,isNodeMode)=>{let made=__namespaces.get(mod);' +
  'if(!made)__namespaces.set(mod,made=__makeNamespace(mod,isNodeMode));return made},' +
  '__makeNamespace=(mod,isNodeMode,target)=>(';

/**
 * For esbuild: the files of the bundle share the namespace object of a CommonJS or built-in module. esbuild makes one for each file that imports the
 * module, and copies all its members each time.
 */
exports.sharedNamespaces = {
  name: 'shared-namespaces',
  setup(build) {
    build.onEnd(({ errors }) => {
      if (errors.length > 0) return {};
      const { outfile } = build.initialOptions;
      const parts = readFileSync(outfile, 'utf8').split(maker);
      if (parts.length !== 2) return { errors: [{ text: `${outfile} has ${parts.length - 1} times: ${maker}` }] };
      writeFileSync(outfile, parts.join(sharing));
      return {};
    });
  },
};
