import t from 'tap';
import { readListFilters } from '../../src/api/filters.js';
import { v4ListFilters } from '../../src/api/libpod-v4/filters.js';
import { NetworkError } from '../../src/model/errors/errors.js';
import { makeSubject } from '../model/filters/filter-subject.js';
import { makeNetns } from '../support/netns.js';
import { servePodman } from '../support/podman.js';
import { missing } from '../support/tools.js';

interface PodmanNetwork {
  readonly name: string;
  readonly id: string;
  readonly driver: string;
  readonly created: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const networks: readonly (readonly [name: string, labels: Readonly<Record<string, string>>])[] = [
  ['web', { env: 'test', 'com.docker.compose.project': 'shop', 'a/b': 'c=d' }],
  ['back', { env: 'live', bare: '' }],
  ['lan-1', {}],
];

/** Filters for Podman and for podnetd, with which both choose the same networks or refuse alike. */
const filters: readonly string[] = [
  '{}',
  'null',
  '',
  ' ',
  '[]',
  'x',
  '{} x',
  '5',
  '"x"',
  'true',
  '{"name":"x"}',
  '{"name":[1]}',
  '{"name":{"x":1}}',
  '{"name":["x"],"id":{"y":true}}',
  '{"name":[null]}',
  '{"name":[]}',
  '{"foo":[]}',
  '{"foo":null}',
  '{"foo":["x"]}',
  '{"Foo":{"x":true}}',
  '{"foo":{"x":false}}',
  '{"foo":{"x":null}}',
  '{"__proto__":["x"]}',
  '{"constructor":["x"]}',
  '{"name":["web"]}',
  '{"name":{"web":true}}',
  '{"name":{"web":false}}',
  '{"NAME":["a"]}',
  '{"name":["("]}',
  '{"name":["(","b"]}',
  '{"name":["^b","1$"]}',
  '{"name":[""]}',
  String.raw`{"name":["\\d"]}`,
  '{"name":["(?i)WEB"]}',
  '{"name":["(?=w)"]}',
  '{"name":["(?P<n>w)"]}',
  '{"name":["[[:digit:]]"]}',
  String.raw`{"name":["\\pL{4}"]}`,
  '{"driver":["bridge"]}',
  '{"driver":["brid"]}',
  '{"driver":["macvlan","bridge"]}',
  '{"driver":["Bridge"]}',
  '{"label":["env"]}',
  '{"label":["env="]}',
  '{"label":["env=test"]}',
  '{"label":["env=te"]}',
  '{"label":["env","bare"]}',
  '{"label":["e*"]}',
  '{"label":["docker*project"]}',
  '{"label":["*=shop"]}',
  '{"label":["*=sh*"]}',
  '{"label":["a/*"]}',
  '{"label":["a/b=c=d"]}',
  '{"label":["[a-f]nv*"]}',
  '{"label":["[^a-f]nv*"]}',
  '{"label":["[*"]}',
  '{"label":["e??v*"]}',
  '{"label":["*"]}',
  '{"label":[""]}',
  '{"label":["="]}',
  '{"label":["__proto__"]}',
  '{"label!":["env"]}',
  '{"label!":["env=test"]}',
  '{"label!":["none"]}',
  '{"label!":["e*"]}',
  '{"name":["a"],"label":["env"]}',
  '{"dangling":["true"]}',
  '{"dangling":["F"]}',
  '{"dangling":["yes"]}',
  '{"dangling":["true","false"]}',
  '{"dangling":{"1":true}}',
  '{"dangling":[""]}',
  '{"until":["0"]}',
  '{"until":["2036"]}',
  '{"until":["-1h"]}',
  '{"until":["1h"]}',
  '{"until":["-1h30m"]}',
  '{"until":["1d"]}',
  '{"until":["x"]}',
  '{"until":[""]}',
  '{"until":["1999999999"]}',
  '{"until":["1999999999.5"]}',
  '{"until":["1999999999."]}',
  '{"until":["1h","2h"]}',
  '{"until":["2999-01-01"]}',
  '{"until":["2999-01-01Z"]}',
  '{"until":["2999-01-01+02:00"]}',
  '{"until":["2999-01-01T5"]}',
  '{"until":["2999-01-01T15-02:00"]}',
  '{"until":["2999-01-01T15:04Z"]}',
  '{"until":["2999-01-01T15:04:05"]}',
  '{"until":["2999-01-01T15:04:05,5Z"]}',
  '{"until":["2999-01-01T15:04:05.123456789+05:30"]}',
  '{"until":["+0"]}',
  '{"until":["-.5h"]}',
  '{"until":["+1999999999"]}',
  '{"until":["1999999999.00000000019"]}',
  '{"until":["-1µs"]}',
  '{"plugin":["x"]}',
  '{"type":["custom"]}',
  '{"id":["^0"]}',
  '{"id":["("]}',
];

t.test('filters of libpod 4 choose the networks that Podman chooses', { skip: missing('podman', 'ip') }, async (t) => {
  const podman = await servePodman(t, { netns: makeNetns(t) });
  for (const [name, labels] of networks) {
    const made = await podman.ask('POST', '/v4.3.1/libpod/networks/create', { name, driver: 'bridge', labels });
    t.equal(made.status, 200, made.text);
  }
  const url = '/v4.3.1/libpod/networks/json';
  const everything = (await podman.ask('GET', url)).json() as readonly PodmanNetwork[];
  t.equal(everything.length, networks.length + 1);
  const subjects = everything.map(({ created, ...network }) =>
    makeSubject({
      ...network,
      createdNs: BigInt(Date.parse(created)) * 1_000_000n,
      isDefault: network.name === 'podman',
    }),
  );
  const chooseHere = (text: string, uri: string): string | readonly string[] => {
    try {
      const filter = readListFilters(text, v4ListFilters, uri);
      return subjects
        .filter(filter)
        .map(({ network }) => network.name)
        .toSorted();
    } catch (error) {
      if (error instanceof NetworkError) return error.message;
      throw error;
    }
  };
  for (const text of filters) {
    const uri = `${url}?filters=${encodeURIComponent(text)}`;
    const answer = await podman.ask('GET', uri);
    const body = answer.json() as readonly PodmanNetwork[] | { readonly message: string };
    const theirs = 'message' in body ? body.message : body.map(({ name }) => name).toSorted();
    const ours = chooseHere(text, uri);
    t.strictSame(ours, theirs, text);
  }
});
