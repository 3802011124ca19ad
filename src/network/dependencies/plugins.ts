export interface PluginFinder {
  has(plugin: string): boolean;
}
