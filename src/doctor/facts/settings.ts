/** Settings of sysctl that networks depend on. */
export const settingNames = [
  'net.ipv4.ip_forward',
  'net.ipv6.conf.all.forwarding',
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
] as const;

export type SettingName = (typeof settingNames)[number];

export function fileOf(name: SettingName): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`;
}
