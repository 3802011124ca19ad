/** Which files of a folder are configurations, by their names. */

const listExtension = '.conflist';
const pluginExtension = '.conf';
const extensions = new Set([listExtension, pluginExtension, '.json']);

export function isConfiguration(fileName: string): boolean {
  return extensions.has(extensionOf(fileName));
}

/** Whether it has a list of plugins; the others have one plugin each. */
export function isList(fileName: string): boolean {
  return extensionOf(fileName) === listExtension;
}

/** Whether it counts in a plugin folder. */
export function isChained(fileName: string): boolean {
  return extensionOf(fileName) === pluginExtension;
}

/** As Go's filepath.Ext: a name may be nothing else. */
function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf('.');
  return dot < 0 ? '' : fileName.slice(dot);
}

/** A larger file is neither a network (this is above what a request of 1 MiB becomes when each byte is escaped as six) nor an attachment. */
export const maxFileBytes = 16 * 1024 * 1024;
