import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { readCreateBody as readCompat } from '../../src/api/compat/translate.js';
import { CompatCreateBody } from '../../src/api/compat/schemas.js';
import { V3CreateBody } from '../../src/api/libpod-v3/schemas.js';
import { readCreateBody as readV3 } from '../../src/api/libpod-v3/translate.js';
import { V4CreateBody } from '../../src/api/libpod-v4/schemas.js';
import { readCreateBody as readV4 } from '../../src/api/libpod-v4/translate.js';
import { foldBody } from '../../src/api/go/validators.js';
import { decodeFile } from '../../src/cni/conflist/decode.js';
import { FolderDraft } from '../../src/cni/folder/draft.js';
import { encodeConflist } from '../../src/cni/conflist/encode.js';
import { NetworkIndex } from '../../src/cni/folder/network-index.js';
import { defaultSubnetPools } from '../../src/ip/pools.js';
import { PrefixSet } from '../../src/ip/prefix-set.js';
import { NetworkError } from '../../src/model/errors/errors.js';
import type { NetworkRequest } from '../../src/model/request.js';
import { checkRequest } from '../../src/network/create/check.js';
import { planNetwork } from '../../src/network/create/plan.js';
import { planDefaultNetwork } from '../../src/network/create/default-network.js';
import type { NetworkSettings } from '../../src/network/dependencies/settings.js';
import { cidr } from '../support/addresses.js';
import { makePluginFacts, type PluginOptions } from '../support/plugin-facts.js';
import { makeSettings } from '../support/settings.js';

/**
 * Creation as data: `cases/<case>.json` holds a request and the names and prefixes in use. Beside it is the conflist that it makes (`.out.json`,
 * byte for byte, with warnings in `.warn.json`) or the refusal (`.err.json`). `UPDATE_CASES=1` writes the files that are missing.
 */
interface Case {
  readonly dialect: 'compat' | 'libpod-v3' | 'libpod-v4';
  readonly name?: string;
  readonly body: unknown;
  /** Conflists in the folder: bodies of libpod 4 that are created first, or whole conflists. */
  readonly before?: readonly unknown[];
  readonly conflists?: readonly unknown[];
  readonly links?: Readonly<Record<string, string>>;
  readonly addresses?: readonly string[];
  readonly routes?: readonly string[];
  readonly pools?: readonly (readonly [base: string, prefixBits: number])[];
  readonly reserved?: readonly (readonly [prefix: string, reason: string])[];
  readonly dnsServers?: readonly string[];
  readonly dnsname?: boolean;
  /** Plugins of version 1.1.1 by default. */
  readonly plugins?: PluginOptions;
}

const folder = path.join(import.meta.dirname, 'cases');
const names = readdirSync(folder).filter((file) => /^[^.]+\.json$/.test(file));
t.ok(names.length >= 50, `${names.length} cases`);

for (const file of names) {
  t.test(file, async (t) => {
    const given = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Case;
    const stem = path.join(folder, path.basename(file, '.json'));
    try {
      const { text, warnings } = create(given);
      t.notOk(existsSync(`${stem}.err.json`), 'is made');
      compare(t, `${stem}.out.json`, text);
      if (warnings.length > 0) compare(t, `${stem}.warn.json`, JSON.stringify(warnings, null, 2));
      else t.notOk(existsSync(`${stem}.warn.json`), 'no warnings');
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      t.notOk(existsSync(`${stem}.out.json`), 'is refused');
      compare(t, `${stem}.err.json`, JSON.stringify({ kind: error.kind, message: error.message }, null, 2));
    }
  });
}

function compare(t: Test, file: string, text: string): void {
  if (!existsSync(file) && process.env['UPDATE_CASES'] === '1') writeFileSync(file, text);
  t.equal(text, existsSync(file) ? readFileSync(file, 'utf8') : undefined, path.basename(file));
}

function create(given: Case): { text: string; warnings: readonly string[] } {
  const settings = makeSettings({
    subnetPools: given.pools?.map(([base, prefixBits]) => ({ base: cidr(base), prefixBits })) ?? defaultSubnetPools,
    reserved: given.reserved?.map(([prefix, reason]) => ({ prefix: cidr(prefix), reason })) ?? [],
    random: (bytes) => Uint8Array.from({ length: bytes }, (_, index) => index * 17),
  });
  const draft = takeAll(given, settings);
  const plugins = makePluginFacts({ dnsname: given.dnsname ?? false, ...given.plugins });
  const run = (request: NetworkRequest) => planNetwork(checkRequest(request), draft, settings, plugins);
  for (const body of given.before ?? []) draft.add(run(readV4(foldBody(V4CreateBody, body) as V4CreateBody)).network);
  const { request, warnings } = read(given);
  const plan = run(request);
  return { text: encodeConflist(plan.network), warnings: [...warnings, ...plan.warnings] };
}

function read({ dialect, body, name = '' }: Case): { request: NetworkRequest; warnings: readonly string[] } {
  if (dialect === 'compat') return readCompat(foldBody(CompatCreateBody, body) as CompatCreateBody);
  if (dialect === 'libpod-v3')
    return { request: readV3(foldBody(V3CreateBody, body) as V3CreateBody, name), warnings: [] };
  return { request: readV4(foldBody(V4CreateBody, body) as V4CreateBody), warnings: [] };
}

function takeAll(given: Case, settings: NetworkSettings): FolderDraft {
  const index = new NetworkIndex();
  const texts = [
    encodeConflist(planDefaultNetwork(settings)),
    ...(given.conflists ?? []).map((conflist) => JSON.stringify(conflist)),
  ];
  for (const [position, text] of texts.entries()) {
    index.put({ key: `${position}`, path: `/${position}`, decoded: decodeFile(text, text.includes('"plugins"'), 0n) });
  }
  const host = {
    links: new Map(Object.entries(given.links ?? {})),
    addresses: prefixes(given.addresses),
    routes: prefixes(given.routes),
    dnsServers: prefixes(given.dnsServers),
    linkNamed: (name: string) => name,
    revision: () => '',
    linkOfAddress: () => undefined,
    linkOfRoute: () => undefined,
  };
  const machine = {
    look: () => ({
      of: () => [],
      all: () => [],
      count: async () => await Promise.resolve({ live: 0, dead: 0 }),
      dead: () => [],
      unrecorded: () => [],
      leases: () => [],
      holderOf: () => ({ containerName: undefined, lives: false }),
      faults: () => [],
      usersOf: () => [],
    }),
    mayHaveBridge: () => false,
    removeBridge: async () => await Promise.resolve('absent' as const),
    removeBridgeRules: async () => await Promise.resolve(undefined),
  };
  return new FolderDraft(index, machine, host);
}

function prefixes(texts: readonly string[] = []): PrefixSet {
  return texts.reduce((set, text) => set.add(cidr(text)), PrefixSet.empty);
}
