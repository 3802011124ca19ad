import t from 'tap';
import { refuseAll, v3, v4, type Refusal } from './refusals.js';

t.test('drivers, options and parents', async (t) => {
  const options = (given: object, driver = 'bridge') => ({
    dialect: 'v4' as const,
    body: { name: 'x', driver, options: given },
    status: 400,
  });
  const argument = { cause: 'invalid argument' };
  const syntax = { cause: 'invalid syntax' };
  await refuseAll(t, [
    {
      dialect: 'v4',
      body: { name: 'x', driver: 'foo' },
      status: 400,
      message: 'unsupported driver foo: invalid argument',
      ...argument,
    },
    {
      dialect: 'compat',
      body: { Name: 'x', Driver: 'overlay' },
      status: 501,
      message: 'unsupported driver overlay: invalid argument',
      ...argument,
    },
    { ...v3({ Driver: 'foo' }), message: "driver 'foo' is not supported" },
    { ...options({ foo: '1' }), message: 'unsupported network option foo' },
    { ...options({ constructor: '1' }), message: 'unsupported network option constructor' },
    { ...v3({ Options: { foo: '1' } }), message: 'unsupported option foo' },
    { ...v3({ Options: { isolate: 'true' } }), message: 'unsupported option isolate' },
    { ...v3({ Options: { mode: 'bridge' } }), message: 'unsupported option mode' },
    { ...v3({ Options: { parent: 'lo' } }), message: 'unsupported option parent' },
    { ...v3({ Driver: 'macvlan', Options: { mode: 'private' } }), message: 'unsupported option mode' },
    { ...v3({ Driver: 'macvlan', Options: { vlan: '7' } }), message: 'unsupported option vlan' },
    {
      ...options({ mtu: 'abc' }),
      message: 'strconv.Atoi: parsing "abc": invalid syntax: mtu must be a whole number',
      ...syntax,
    },
    {
      ...options({ mtu: '65536' }),
      message: 'mtu 65536 is greater than 65535, which no packet exceeds: choose a smaller one, or 0 for the default',
    },
    { ...options({ mtu: '-1' }), message: 'mtu -1 is less than zero' },
    { ...v3({ Options: { mtu: '-1' } }), message: 'the value -1 for mtu is less than zero' },
    { ...options({ vlan: '-5' }), message: 'vlan ID -5 must be between 0 and 4094' },
    { ...options({ vlan: '99999' }), message: 'vlan ID 99999 must be between 0 and 4094' },
    { ...options({ mode: 'l2' }), message: 'cannot set option "mode" with driver "bridge"' },
    {
      ...options({ mode: 'zz' }, 'macvlan'),
      message: 'unknown macvlan mode "zz": must be one of bridge, private, vepa, passthru',
    },
    { ...options({ isolate: '1' }, 'ipvlan'), message: 'isolate option is only supported with the bridge driver' },
    {
      dialect: 'v4',
      body: { name: 'x', driver: 'macvlan', network_interface: 'nodev0' },
      status: 400,
      message: 'parent interface nodev0 does not exist',
    },
    {
      dialect: 'compat',
      body: { Name: 'x', Driver: 'ipvlan', Options: { parent: 'nodev0' } },
      status: 400,
      message: 'parent interface nodev0 does not exist',
    },
    { ...v3({ MacVLAN: 'nodev0' }), message: 'failed to find network interface "nodev0"' },
    {
      dialect: 'v4',
      body: { name: 'x', ipam_options: { driver: 'foo' } },
      status: 400,
      message: 'unsupported ipam driver "foo"',
    },
    {
      dialect: 'compat',
      body: { Name: 'x', IPAM: { Driver: 'foo' } },
      status: 501,
      message: 'unsupported ipam driver "foo"',
    },
    {
      ...v4({ subnet: '10.222.0.0/24' }, { ipam_options: { driver: 'dhcp' } }),
      message: 'dhcp ipam driver is set but subnets are given',
    },
    {
      dialect: 'v4',
      body: { id: 'abc' },
      status: 400,
      message: 'ID can not be set for network create: invalid argument: got "abc"',
      ...argument,
    },
    ...[{ Scope: 'swarm' }, { Ingress: true }, { ConfigOnly: true }, { ConfigFrom: { Network: 'y' } }].map(
      (given): Refusal => {
        const [[feature, value] = []] = Object.entries(given);
        const text = feature === 'ConfigFrom' ? 'y' : String(value);
        const message = `${feature ?? ''} ${text} is not supported: podnetd makes networks of this host only`;
        return { dialect: 'compat', body: { Name: 'x', ...given }, status: 501, message };
      },
    ),
  ]);
});
