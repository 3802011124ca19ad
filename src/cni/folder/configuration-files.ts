/** The kinds of configuration files, by their extensions. */

const listExtension = '.conflist';
const pluginExtension = '.conf';
const extensions = new Set([listExtension, pluginExtension, '.json']);

export function isConfiguration(fileName: string): boolean {
  return extensions.has(extensionOf(fileName));
}

/** Whether the file holds a list of plugins; each other configuration holds one plugin. */
export function isList(fileName: string): boolean {
  return extensionOf(fileName) === listExtension;
}

/** Whether the file counts in a plugin folder. */
export function isChained(fileName: string): boolean {
  return extensionOf(fileName) === pluginExtension;
}

/** Go's filepath.Ext: a name may consist of its extension alone. */
function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf('.');
  return dot < 0 ? '' : fileName.slice(dot);
}
