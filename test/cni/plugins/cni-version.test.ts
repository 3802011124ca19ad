import t from 'tap';
import { chooseVersion, compareVersions } from '../../../src/cni/plugins/cni-version.js';

const old = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0'];

/** Versions of each plugin, and the version that suits all. */
const rows: readonly (readonly [all: readonly (readonly string[])[], chosen: string])[] = [
  [[], '0.4.0'],
  [[[...old, '1.0.0', '1.1.0']], '0.4.0'],
  [[[...old, '1.0.0'], ['0.4.0', '1.0.0'], old], '0.4.0'],
  [
    [
      ['1.0.0', '1.1.0'],
      [...old, '1.0.0'],
    ],
    '1.0.0',
  ],
  // Podman 4 reads no results of 1.1.0.
  [[['0.3.1', '1.0.0', '1.1.0']], '1.0.0'],
  [
    [
      ['1.1.0', '1.2.0', '1.10.0'],
      ['1.10.0', '1.1.0'],
    ],
    '1.10.0',
  ],
  [
    [
      ['0.2.0', '0.3.1'],
      ['0.3.1', '1.0.0'],
    ],
    '0.3.1',
  ],
];

for (const [all, chosen] of rows) {
  t.test(JSON.stringify(all), async (t) => {
    const plugins = all.map((versions, index) => ({ plugin: `p${index}`, versions }));
    t.strictSame(chooseVersion(plugins), { cniVersion: chosen, problem: undefined });
    t.strictSame(chooseVersion(plugins.toReversed()), { cniVersion: chosen, problem: undefined });
  });
}

t.test('plugins without a common version are a problem, which names each', async (t) => {
  const plugins = [
    { plugin: 'bridge', versions: ['1.0.0', '1.1.0'] },
    { plugin: 'dnsname', versions: ['0.3.1', '0.4.0'] },
  ];
  t.strictSame(chooseVersion(plugins), {
    cniVersion: '0.4.0',
    problem:
      'its plugins have no version of CNI in common: bridge understands 1.0.0, 1.1.0; dnsname understands 0.3.1, 0.4.0',
  });
});

t.test('versions are ordered by their numbers', async (t) => {
  t.ok(compareVersions('1.10.0', '1.9.1') > 0);
  t.ok(compareVersions('1.7.0-rc1', '1.7.0') === 0);
  t.ok(compareVersions('0.4.0', '1.0.0') < 0);
});
