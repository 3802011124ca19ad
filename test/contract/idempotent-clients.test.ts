import t, { type Test } from 'tap';
import { dockerApiVersion } from '../../src/api/handshake/versions.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';

/**
 * Clients that check at each run whether a network still has the configured values, and make it anew if it differs. The test plays their
 * requests and their comparison.
 */

interface Pool {
  readonly Subnet: string;
  readonly IPRange?: string | null;
  readonly Gateway?: string | null;
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>> | null;
}

interface Shown {
  readonly Id: string;
  readonly Driver: string;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6: boolean;
  readonly Scope: string;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly ConfigOnly: boolean;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>> | null;
    readonly Config: readonly Pool[];
  };
}

async function create(t: Test, daemon: TestDaemon, version: string, body: object): Promise<Shown> {
  const made = await daemon.ask('POST', `/v${version}/networks/create`, { Name: 'x', ...body });
  t.equal(made.status, 201, JSON.stringify(body));
  t.match(
    (made.json() as { Warning: string }).Warning,
    /^$|^containers cannot join network x: the bridge plugin gives/,
  );
  const listed = (await daemon.ask('GET', `/v${version}/networks`)).json() as readonly (Shown & { Name: string })[];
  const id = listed.find(({ Name }) => Name === 'x')?.Id ?? '';
  const shown = (await daemon.ask('GET', `/v${version}/networks/${id}`)).json() as Shown;
  t.equal((await daemon.ask('DELETE', `/v${version}/networks/x`)).status, 204);
  return shown;
}

/** source: ansible-collections/community.docker plugins/modules/docker_network.py@5.x (create_network, has_different_config) */
t.test("Ansible's docker_network finds nothing to change", async (t) => {
  const daemon = await startDaemon(t);
  const none = { IPRange: null, Gateway: null, AuxiliaryAddresses: null };
  const ipam = (Config: readonly Pool[], more: object = {}) => ({
    IPAM: { Driver: null, Options: null, Config, ...more },
  });
  const runs: readonly object[] = [
    {},
    { Attachable: true },
    { Attachable: false, Ingress: false, ConfigOnly: false, Scope: 'local' },
    { EnableIPv6: true },
    { EnableIPv6: false, ...ipam([{ Subnet: 'fd00:2::/64', ...none }]) },
    { EnableIPv4: true, EnableIPv6: true },
    { EnableIPv4: false, EnableIPv6: true },
    { Internal: true, Driver: 'macvlan', ...ipam([{ Subnet: '10.182.0.0/24', ...none }]) },
    ipam([{ ...none, Subnet: '10.182.0.0/24', IPRange: '10.182.0.4/31' }]),
    ipam([{ ...none, Subnet: 'fd00:2::/64', IPRange: 'fd00:2::4/127' }]),
    ipam([
      {
        Subnet: '10.182.0.0/24',
        IPRange: '10.182.0.0/26',
        Gateway: '10.182.0.1',
        AuxiliaryAddresses: { a: '10.182.0.2' },
      },
    ]),
    ipam([], { Driver: 'default' }),
    { Driver: 'macvlan', ...ipam([], { Driver: 'default' }) },
    ipam([], { Driver: 'null' }),
    ipam([], { Options: { a: '1' } }),
    { Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' }, Labels: { a: '1' } },
  ];
  for (const sent of runs) {
    const body = { Driver: 'bridge', Options: {}, IPAM: null, CheckDuplicate: null, ...sent };
    // It speaks the version that the server announces.
    for (const version of ['1.47', dockerApiVersion])
      t.strictSame(findAnsibleDifferences(body, await create(t, daemon, version, body)), [], version);
  }
});

/** Members whose value is not the one that was sent. In maps and pools only the entries of the request count. */
function findAnsibleDifferences(sent: Readonly<Record<string, unknown>>, shown: Shown): readonly string[] {
  const { IPAM, Options, Labels, Internal, ...plain } = sent as Partial<Shown>;
  const differences = findUnlike(plain, shown);
  // Ansible never sends `Internal: false`.
  if ((Internal ?? false) !== shown.Internal) differences.push('Internal');
  differences.push(...findUnlike(Options ?? {}, shown.Options), ...findUnlike(Labels ?? {}, shown.Labels));
  if (!IPAM) return differences;
  if (IPAM.Driver !== null && IPAM.Driver !== shown.IPAM.Driver) differences.push('IPAM.Driver');
  if (IPAM.Options !== null && JSON.stringify(IPAM.Options) !== JSON.stringify(shown.IPAM.Options ?? {})) {
    differences.push('IPAM.Options');
  }
  for (const pool of IPAM.Config) {
    const isLike = (other: Pool) => findUnlike(pool, other).length === 0;
    if (!shown.IPAM.Config.some(isLike)) differences.push(pool.Subnet);
  }
  return differences;
}

function findUnlike(sent: object, shown: object): string[] {
  const has = shown as Readonly<Record<string, unknown>>;
  return Object.entries(sent)
    .filter(([key, value]) => value !== null && JSON.stringify(value) !== JSON.stringify(has[key]))
    .map(([key]) => key);
}

interface TerraformConfig {
  readonly driver?: string;
  readonly internal?: boolean;
  readonly options?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly attachable?: boolean;
  readonly ipv6?: boolean;
  readonly ipamDriver?: string;
  readonly ipamOptions?: Readonly<Record<string, string>>;
  readonly pools?: readonly Pool[];
}

/** source: kreuzwerker/terraform-provider-docker internal/provider/resource_docker_network_funcs.go@v3 */
t.test("Terraform's docker_network plans no change", async (t) => {
  const daemon = await startDaemon(t);
  const configs: readonly TerraformConfig[] = [
    {},
    { attachable: true, labels: { a: '1' } },
    { ipv6: true },
    { pools: [{ Subnet: '10.183.0.0/24' }] },
    { pools: [{ Subnet: '10.183.0.0/24', Gateway: '10.183.0.9' }, { Subnet: '10.184.0.0/24' }] },
    { ipv6: true, pools: [{ Subnet: '10.183.0.0/24' }, { Subnet: 'fd00:3::/64' }] },
    { pools: [{ Subnet: '10.183.0.0/24', IPRange: '10.183.0.8/31', AuxiliaryAddresses: { a: '10.183.0.7' } }] },
    { driver: 'macvlan' },
    { driver: 'ipvlan', internal: true, pools: [{ Subnet: '10.183.0.0/24' }] },
    { ipamDriver: 'null' },
    { ipamOptions: { a: '1' }, options: { 'com.docker.network.bridge.name': 'br-tf' } },
  ];
  for (const config of configs) {
    const { driver, internal, options, labels, attachable, ipv6, ipamDriver = 'default', ipamOptions, pools } = config;
    // The provider's SDK, of Docker 28, speaks 1.51 at most. Terraform's Go structs send zero values for members without a setting.
    const shown = await create(t, daemon, '1.51', {
      CheckDuplicate: true,
      Driver: driver ?? '',
      Scope: '',
      EnableIPv6: ipv6 ?? false,
      IPAM: { Driver: ipamDriver, Options: ipamOptions ?? null, Config: pools ?? null },
      Internal: internal ?? false,
      Attachable: attachable ?? false,
      Ingress: false,
      ConfigOnly: false,
      ConfigFrom: null,
      Options: options ?? null,
      Labels: labels ?? null,
    });
    t.strictSame(
      {
        // Computed members: Terraform takes any value where the configuration has none.
        driver: driver && shown.Driver,
        internal: internal && shown.Internal,
        options: options && shown.Options,
        pools: pools && setOf(shown.IPAM.Config),
        labels: shown.Labels,
        attachable: shown.Attachable,
        ipv6: shown.EnableIPv6,
        ipamDriver: shown.IPAM.Driver,
        ipamOptions: shown.IPAM.Options ?? {},
      },
      {
        driver,
        internal,
        options,
        pools: pools && setOf(pools),
        labels: labels ?? {},
        attachable: attachable ?? false,
        ipv6: ipv6 ?? false,
        ipamDriver,
        ipamOptions: ipamOptions ?? {},
      },
    );
  }
});

/** Pools as Terraform compares nested sets: whole, so that a member without a setting counts as a change, too. */
function setOf(pools: readonly Pool[]): readonly string[] {
  return pools
    .map(({ Subnet, IPRange = '', Gateway = '', AuxiliaryAddresses = {} }) =>
      JSON.stringify([Subnet, IPRange, Gateway, AuxiliaryAddresses]),
    )
    .toSorted();
}
