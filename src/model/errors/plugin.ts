import { entry } from './entry.js';

/** One run of a plugin. */
export interface PluginStep {
  readonly plugin: string;
  readonly command: 'ADD' | 'DEL' | 'STATUS' | 'GC';
}

/** A plugin that is too old for what a network asks of it, or missing. */
export interface PluginLack {
  readonly plugin: string;
  /** Absolute path of the binary; undefined when there is none. */
  readonly path: string | undefined;
  /** Its version and the newest version of CNI that it understands, as it reports them; empty where it does not. */
  readonly version: string;
  readonly cniVersion: string;
  /** The first version that can. */
  readonly needed: string;
}

/** Names the version that is needed, and the one that is found. */
export function describeLack({ plugin, path, version, cniVersion, needed }: PluginLack): string {
  const is = version === '' ? 'is of an unknown version' : `is version ${version}`;
  const cni = cniVersion === '' ? '' : `, for CNI ${cniVersion}`;
  const found = path === undefined ? 'no plugin folder has one' : `${path} ${is}${cni}`;
  return `plugin ${plugin} ${needed} or newer is needed, and ${found}`;
}

type PluginReport = PluginStep & { code: number; msg: string; details: string };

/** source: CNI specification 1.0.0, "Error", "Try again later" */
const tryAgainLater = 11;

/** CNI plugins, from their search to their answer. */
export const pluginErrors = {
  pluginNameInvalid: entry({
    kind: 'plugin',
    message: (d: { plugin: string }) =>
      `plugin type ${JSON.stringify(d.plugin)} is no name of a program in the plugin folders`,
    remedy: 'correct "type" of the plugin in the conflist',
  }),
  pluginNotFound: entry({
    kind: 'plugin',
    message: (d: { plugin: string; folders: readonly string[] }) =>
      `failed to find plugin "${d.plugin}" in path [${d.folders.join(' ')}]`,
    remedy: ({ plugin }) => {
      const packages = plugin === 'dnsname' ? 'the plugin dnsname (a package of its own)' : 'the CNI plugins';
      return `install ${packages}, or name the folder of ${plugin} with --cni-plugin-dir`;
    },
  }),
  pluginNotStarted: entry({
    kind: 'plugin',
    message: (d: PluginStep & { path: string; reason: string }) =>
      `${failedStep(d)} could not start ${d.path}: ${d.reason}`,
    remedy: ({ path, reason }) => {
      if (reason.includes('EACCES')) return `let podnetd's user execute it: "namei -l ${path}" shows who may`;
      return reason.includes('ENOEXEC') ? 'install the plugin for the architecture of this machine' : undefined;
    },
  }),
  pluginFailed: entry({ kind: 'plugin', message: describeReport, remedy: findRemedy }),
  pluginVersion: entry({
    kind: 'plugin',
    message: describeReport,
    remedy: (d) =>
      `set cniVersion of the conflist to one that ${d.plugin} has: "CNI_COMMAND=VERSION ./${d.plugin}" in its folder prints them`,
  }),
  pluginGarbage: entry({
    kind: 'plugin',
    message: (d: PluginStep & { output: string; reason: string }) =>
      `${failedStep(d)} its answer ${JSON.stringify(d.output)} is not what CNI asks for: ${d.reason}`,
  }),
  pluginSilent: entry({
    kind: 'plugin',
    message: (d: PluginStep & { exit: string; stderr: string }) =>
      `${failedStep(d)} netplugin failed with ${d.exit}: ${d.stderr || 'no error message'}`,
  }),
  pluginHung: entry({
    kind: 'plugin',
    message: (d: PluginStep & { timeoutMs: number }) => `${failedStep(d)} killed after ${d.timeoutMs} ms`,
  }),
  pluginFlooded: entry({
    kind: 'plugin',
    message: (d: PluginStep & { limitBytes: number }) =>
      `${failedStep(d)} killed after ${d.limitBytes} bytes of output`,
  }),
};

const commandWords = { ADD: 'add', DEL: 'delete', STATUS: 'status', GC: 'gc' } as const;

/** source: containernetworking/cni libcni/api.go@v1.1.2 */
function failedStep({ plugin, command }: PluginStep): string {
  return `plugin type="${plugin}" failed (${commandWords[command]}):`;
}

/** source: containernetworking/cni pkg/types/types.go@v1.1.2 (Error) */
function describeReport(d: PluginReport): string {
  const text = [d.msg, d.details].filter(Boolean).join('; ');
  return `${failedStep(d)} ${text || `error code ${d.code}`}`;
}

/**
 * For failures that operators meet, by the plugins' words.
 *
 * source: containernetworking/plugins plugins/ipam/host-local/backend/allocator/allocator.go, plugins/ipam/dhcp/main.go@v1.1.1; Go os/exec
 */
function findRemedy({ code, msg, details }: PluginReport): string | undefined {
  const text = `${msg} ${details}`;
  if (text.includes('no IP addresses available'))
    return 'POST /podnetd/v1/networks/NAME/gc frees the addresses of containers that are gone; else create a larger network';
  if (text.includes('dhcp.sock'))
    return 'start the daemon that the plugin asks: "dhcp daemon" in the folder of plugins';
  const program = /exec: "([^"]+)": executable file not found/.exec(text)?.[1];
  if (program !== undefined) return `install ${program}, which the plugin runs`;
  return code === tryAgainLater ? 'send the request again later' : undefined;
}
