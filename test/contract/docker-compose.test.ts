import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeCompose } from '../support/docker-compose.js';
import { missing } from '../support/tools.js';

const skip = missing('docker-compose');

/** Compose makes the networks that a service names; no container of the service is made. */
const file = {
  version: '2.4',
  services: { web: { image: 'nothing', networks: ['plain', 'full', 'hidden'] } },
  networks: {
    plain: {},
    full: {
      driver: 'bridge',
      enable_ipv6: true,
      driver_opts: {
        'com.docker.network.driver.mtu': '1400',
        'com.docker.network.bridge.name': 'brfull',
        'com.docker.network.bridge.enable_icc': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'false',
      },
      ipam: {
        driver: 'default',
        options: { foo: 'bar' },
        config: [
          {
            subnet: '10.173.0.0/24',
            ip_range: '10.173.0.128/25',
            gateway: '10.173.0.1',
            aux_addresses: { printer: '10.173.0.9', scanner: '10.173.0.254' },
          },
          { subnet: 'fd00:173::/64', gateway: 'fd00:173::1' },
        ],
      },
      labels: { team: 'storage' },
    },
    hidden: { internal: true, ipam: { config: [{ subnet: '10.174.0.0/24' }] } },
  },
};

t.test('docker-compose', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  const compose = makeCompose(t, daemon.socket, 'shop');
  const namesOf = async () =>
    ((await daemon.ask('GET', '/networks')).json() as { Name: string }[]).map(({ Name }) => Name).toSorted();
  compose.write(file);

  await t.test('up makes the networks, and a second up finds them as the file has them', async (t) => {
    const first = await compose.run('up', '--no-start', '--scale', 'web=0');
    t.match(first.stderr, /Creating network "shop_full"/);
    t.same(await namesOf(), ['bridge', 'shop_full', 'shop_hidden', 'shop_plain']);
    const before = (await daemon.ask('GET', '/networks')).text;
    const second = await compose.run('up', '--no-start', '--scale', 'web=0');
    // Compose prints nothing about the networks, and then tries to fetch the image.
    t.match(
      second.stderr,
      /^Pulling web \(nothing:.*\)\.\.\.\nfetching an image needs a container engine: podnetd serves networks only\n$/,
    );
    t.equal((await daemon.ask('GET', '/networks')).text, before);
  });

  await t.test('inspect shows the values of the file', async (t) => {
    t.match((await daemon.ask('GET', '/networks/shop_full')).json(), {
      EnableIPv6: true,
      IPAM: { Driver: 'default', Options: { foo: 'bar' } },
      Options: file.networks.full.driver_opts,
      Labels: {
        'com.docker.compose.project': 'shop',
        'com.docker.compose.network': 'full',
        team: 'storage',
      },
    });
  });

  await t.test('compose reports a file with other values', async (t) => {
    const { full } = file.networks;
    compose.write({ ...file, networks: { ...file.networks, full: { ...full, driver_opts: {} } } });
    const { code, stderr } = await compose.run('up', '--no-start', '--scale', 'web=0');
    t.not(code, 0);
    t.match(stderr, 'Network "shop_full" needs to be recreated');
    compose.write(file);
  });

  await t.test('down removes them', async (t) => {
    const { code, stderr } = await compose.run('down');
    t.equal(code, 0, stderr);
    t.match(stderr, /Removing network shop_full/);
    t.same(await namesOf(), ['bridge']);
  });
});
