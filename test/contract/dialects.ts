import { createHash } from 'node:crypto';
import type { Test } from 'tap';
import type { Answer } from '../support/client.js';

/** The network id of a name. */
export const idOf = (name: string) => createHash('sha256').update(name).digest('hex');
const goTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** A create in each dialect, for a network of this name with this subnet. */
export const creations = [
  {
    dialect: 'compat',
    prefixes: ['', '/v1.24', '/v1.41', '/v1.44', '/v1.56', '/v9.9'],
    request: (name: string, subnet: string) => ({
      url: '/networks/create',
      body: { Name: name, IPAM: { Config: [{ Subnet: `${subnet}.0/24` }] } },
    }),
    status: 201,
    answer: (name: string) => `{"Id":"${idOf(name)}","Warning":""}\n`,
  },
  {
    dialect: 'libpod-v3',
    prefixes: ['/libpod', '/v1.40/libpod', '/v2.0.0/libpod', '/v3.2.0/libpod', '/v3.4.4/libpod'],
    request: (name: string, subnet: string) => ({
      url: `/networks/create?name=${name}`,
      body: { Name: 'ignored', Subnet: { IP: `${subnet}.0`, Mask: '////AA==' } },
    }),
    status: 200,
    answer: (name: string, _subnet: string, folder: string) => `{"Filename":"${folder}/${name}.conflist"}\n`,
  },
  {
    dialect: 'libpod-v4',
    prefixes: ['/v4/libpod', '/v4.0.0/libpod', '/v4.3.1/libpod', '/v5.4.2/libpod', '/v10.0/libpod'],
    request: (name: string, subnet: string) => ({
      url: '/networks/create?ignoreIfExists=false',
      body: { name, id: '', created: '0001-01-01T00:00:00Z', subnets: [{ subnet: `${subnet}.0/24` }] },
    }),
    status: 200,
    answer: (name: string, subnet: string) =>
      `{"name":"${name}","id":"${idOf(name)}","driver":"bridge","network_interface":"<device>","created":"<time>",` +
      `"subnets":[{"subnet":"${subnet}.0/24","gateway":"${subnet}.1"}],"ipv6_enabled":false,"internal":false,"dns_enabled":false,` +
      `"ipam_options":{"driver":"host-local"}}\n`,
  },
];

/** A body with placeholders for the values that differ from run to run. */
export function settle(text: string): string {
  return text
    .replaceAll(/"cni-podman[0-9]+"/g, '"<device>"')
    .replaceAll(/"([cC]reated)":"([^"]*)"/g, (found, key: string, time: string) =>
      goTime.test(time) ? `"${key}":"<time>"` : found,
    );
}

export function checkHeaders(t: Test, { headers }: Answer): void {
  t.equal(headers['content-type'], 'application/json');
  t.equal(headers['api-version'], '1.56');
  t.equal(headers['libpod-api-version'], '5.4.2');
  t.equal(headers['server'], 'Libpod/5.4.2 (linux)');
  t.equal(headers['ostype'], 'linux');
  t.equal(headers['docker-experimental'], 'true');
  t.match(String(headers['x-reference-id']), /^[0-9a-f-]{36}$/);
}

let subnets = 0;
/** Three bytes of a subnet that no other request of this file has, and that a host is unlikely to have. */
export function nextSubnet(): string {
  subnets += 1;
  return `10.${201 + Math.floor(subnets / 250)}.${subnets % 250}`;
}
