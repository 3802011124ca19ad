import { entry } from './entry.js';
import { describeLack, type PluginLack } from './plugin.js';
import { nameRemedy, nameRule } from './name-rule.js';

const otherBridge = 'name another bridge, or none: podnetd chooses a free name';

/** The driver of a network with its options, and the interface of the host that it makes or stands on. */
export const linkErrors = {
  driverUnsupported: entry({
    kind: 'unsupported',
    message: (d: { driver: string; known: readonly string[] }) => `unsupported driver ${d.driver}: invalid argument`,
    remedy: (d) => `use one of ${d.known.join(', ')}`,
    root: 'invalid argument',
  }),
  optionUnsupported: entry({
    kind: 'unsupported',
    message: (d: { option: string; driver: string; known: readonly string[] }) =>
      `unsupported network option ${d.option}`,
    remedy: (d) => `leave it out: here driver ${d.driver} has ${d.known.join(', ')}`,
  }),
  optionMisplaced: entry({
    kind: 'invalid',
    message: (d: { option: 'isolate' | 'mode'; driver: string }) =>
      d.option === 'isolate'
        ? 'isolate option is only supported with the bridge driver'
        : `cannot set option "${d.option}" with driver "${d.driver}"`,
    remedy: (d) => `leave it out, or use driver ${d.option === 'isolate' ? 'bridge' : 'macvlan or ipvlan'}`,
  }),
  numberInvalid: entry({
    kind: 'invalid',
    message: (d: { option: string; value: string; reason: 'invalid syntax' | 'value out of range' }) =>
      `strconv.Atoi: parsing "${d.value}": ${d.reason}: ${d.option} must be a whole number`,
    root: 'invalid syntax',
  }),
  booleanInvalid: entry({
    kind: 'invalid',
    message: (d: { option: string; value: string }) =>
      `failed to parse ${d.option} value: ${d.value} (strconv.ParseBool: parsing "${d.value}": invalid syntax)`,
    remedy: 'use true or false',
    root: 'invalid syntax',
  }),
  isolateInvalid: entry({
    kind: 'invalid',
    message: (d: { value: string }) =>
      `failed to parse isolate option: strconv.ParseBool: parsing "${d.value}": invalid syntax`,
    remedy: 'use true or false',
    root: 'invalid syntax',
  }),
  mtuNegative: entry({
    kind: 'invalid',
    message: (d: { mtu: number }) => `mtu ${d.mtu} is less than zero`,
    remedy: 'choose a larger one, or 0 for the default',
  }),
  mtuTooLarge: entry({
    kind: 'invalid',
    message: (d: { mtu: number; limit: number }) =>
      `mtu ${d.mtu} is greater than ${d.limit}, which no packet exceeds: choose a smaller one, or 0 for the default`,
  }),
  vlanOutOfRange: entry({
    kind: 'invalid',
    message: (d: { vlan: number }) => `vlan ID ${d.vlan} must be between 0 and 4094`,
  }),
  modeUnknown: entry({
    kind: 'invalid',
    message: (d: { driver: string; mode: string; known: readonly string[] }) =>
      `unknown ${d.driver} mode "${d.mode}": must be one of ${d.known.join(', ')}`,
  }),
  metricInvalid: entry({
    kind: 'invalid',
    message: (d: { value: string; reason: 'invalid syntax' | 'value out of range' }) =>
      `strconv.ParseUint: parsing "${d.value}": ${d.reason}: metric must be a whole number from 0 to 4294967295`,
    root: (d) => d.reason,
  }),
  metricBeyondPlugins: entry({
    kind: 'unsupported',
    message: (d: PluginLack & { metric: number; of: string }) =>
      `metric ${d.metric} of ${d.of} cannot be configured: ${describeLack(d)}`,
    remedy: 'leave the metric out, or install newer CNI plugins',
  }),
  optionNeedsHostLocal: entry({
    kind: 'invalid',
    message: (d: { option: 'metric' | 'no_default_route'; ipamDriver: string }) =>
      `option ${d.option} has an effect with ipam driver host-local only, not with ${d.ipamDriver}: leave it out, or give a subnet`,
  }),
  iccNeedsIsolate: entry({
    kind: 'invalid',
    message: (d: { option: string; isolate: string }) =>
      `option ${d.option}=false keeps other networks away too, and isolate is ${d.isolate || 'absent'}: add isolate=true`,
  }),
  iccBeyondPlugins: entry({
    kind: 'unsupported',
    message: (d: PluginLack & { option: string }) =>
      `option ${d.option}=false cannot be configured: ${describeLack(d)}`,
    remedy: 'leave it out, or install newer CNI plugins',
  }),
  parentMissing: entry({
    kind: 'invalid',
    message: (d: { parent: string }) => `parent interface ${d.parent} does not exist`,
    remedy: 'name an interface that "ip link" shows, or make this one first',
  }),
  bridgeNameUsed: entry({
    kind: 'exists',
    message: (d: { bridge: string }) => `bridge name ${d.bridge} already in use`,
    remedy: otherBridge,
  }),
  bridgeNameInvalid: entry({
    kind: 'invalid',
    message: (d: { bridge: string }) => `bridge name ${d.bridge} invalid: ${nameRule}`,
    remedy: nameRemedy,
    root: 'invalid argument',
  }),
  bridgeNameTooLong: entry({
    kind: 'invalid',
    message: (d: { bridge: string; limitBytes: number }) =>
      `bridge name ${d.bridge} invalid: an interface name has at most ${d.limitBytes} bytes`,
    remedy: otherBridge,
  }),
  bridgeNameTaken: entry({
    kind: 'exists',
    message: (d: { bridge: string; linkKind: string }) =>
      `bridge name ${d.bridge} already in use by a network interface of type ${d.linkKind}`,
    remedy: otherBridge,
  }),
  bridgeNamesExhausted: entry({
    kind: 'exhausted',
    message: (d: { prefix: string }) => `could not find free device name ${d.prefix}N`,
    remedy: 'name the network and its interface in the request, or prune networks',
  }),
};
