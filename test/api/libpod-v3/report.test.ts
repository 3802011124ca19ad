import t from 'tap';
import { writeReport } from '../../../src/api/libpod-v3/report.js';
import { V3NetworkReport } from '../../../src/api/libpod-v3/schemas.js';
import { compileSerializer } from '../../../src/api/go/serializers.js';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { toStored } from '../../../src/cni/folder/indexed-file.js';

const print = compileSerializer({ schema: V3NetworkReport });

/** The report of a file, printed and parsed. */
function reportOf(text: string): Record<string, unknown> {
  const decoded = decodeFile(text, true, 0n);
  const stored = toStored({ key: 'x.conflist', path: '/x.conflist', decoded });
  return JSON.parse(print(writeReport(stored))) as Record<string, unknown>;
}

const bytes = (text: string) => Buffer.from(text).toString('base64');

t.test('a file by others is shown with its own bytes', async (t) => {
  const text =
    '{\t"name":"k8s", "cniVersion":"1.0.0", "disableCheck":true, "args":{"podman_labels":{"a":"<é>","n":7}},\r\n' +
    '"plugins":[{"type":"ptp","name":"p","capabilities":{"b":true,"a":false},"dns":{"nameservers":["1.1.1.1"],"domain":"x.y","search":["y"],"options":["z"]},' +
    '"ipam":{"type":"host-local","subnet":"10.9.0.0/16"},"prevResult":{"z":1,"a":[]}},{"type":"tuning"}] }\n';
  t.strictSame(reportOf(text), {
    Name: 'k8s',
    CNIVersion: '1.0.0',
    DisableCheck: true,
    Plugins: [
      {
        Network: {
          name: 'p',
          type: 'ptp',
          capabilities: { a: false, b: true },
          ipam: { type: 'host-local' },
          dns: { nameservers: ['1.1.1.1'], domain: 'x.y', search: ['y'], options: ['z'] },
          prevResult: { a: [], z: 1 },
        },
        Bytes: bytes(
          '{"capabilities":{"a":false,"b":true},"dns":{"domain":"x.y","nameservers":["1.1.1.1"],"options":["z"],"search":["y"]},' +
            '"ipam":{"subnet":"10.9.0.0/16","type":"host-local"},"name":"p","prevResult":{"a":[],"z":1},"type":"ptp"}',
        ),
      },
      { Network: { type: 'tuning', ipam: {}, dns: {} }, Bytes: bytes('{"type":"tuning"}') },
    ],
    Bytes: bytes(text),
    // Podman drops labels that are no text.
    Labels: { a: '<é>' },
  });
});

t.test('labels are null without a place for them, and empty with one', async (t) => {
  const withArgs = (args: string) => `{"name":"x"${args},"plugins":[{"type":"tuning"}]}`;
  t.equal(reportOf(withArgs(''))['Labels'], null);
  t.equal(reportOf(withArgs(',"args":{"podman_options":{}}'))['Labels'], null);
  t.strictSame(reportOf(withArgs(',"args":{"podman_labels":{}}'))['Labels'], {});
  t.equal(reportOf(withArgs(''))['CNIVersion'], '');
});

t.test('members of a wrong type do not break a list', async (t) => {
  const text =
    '{"name":"odd","cniVersion":4,"disableCheck":"true","args":[],"plugins":[{"type":"bridge","cniVersion":1,"capabilities":["ips"],"ipam":"host-local",' +
    '"dns":{"nameservers":"1.1.1.1","domain":7},"prevResult":"x"}]}';
  t.match(reportOf(text), {
    CNIVersion: '',
    DisableCheck: false,
    Plugins: [{ Network: { type: 'bridge', ipam: {}, dns: {} } }],
    Labels: null,
  });
});
