import { asArray, isObject, type JsonObject } from './json-object.js';

/** Whether a plugin of a conflist asks for the runtime argument of this name. source: CNI conventions, "Dynamic Plugin specific Fields" */
export function hasCapability(conflist: JsonObject, capability: string): boolean {
  return asArray(conflist['plugins']).some(
    (plugin) => isObject(plugin) && isObject(plugin['capabilities']) && plugin['capabilities'][capability] === true,
  );
}
