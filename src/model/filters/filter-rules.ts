/** Meanings of filter keys, from which dialects choose. source: containers/common libnetwork/util/filters.go@v0.50.1 */

import { NetworkError } from '../errors/errors.js';
import type { FilterRule, FilterSubject } from './filters.js';
import { parseGoBoolean } from '../go/boolean.js';
import { compileAnyRegexp, RegexpBudget, type TextTest } from '../go/regexp.js';
import { compileLabelGlobs, compileLabelTest } from './label-filter.js';
import { parseUntil } from './until.js';

/** Any value, each an expression that may match anywhere in one of the names. */
export function byName(namesOf: (subject: FilterSubject) => readonly string[]): FilterRule {
  return ({ key, values }) => {
    const matches = compileAnyRegexp(new RegexpBudget(key), values);
    return (subject) => namesOf(subject).some(matches);
  };
}

export const ownName = ({ network }: FilterSubject): readonly string[] => [network.name];

/** Any value: hex digits are the beginning of an id, other text an expression. source: containers/common pkg/filters/filters.go@v0.58.0 */
export const byIdPrefixOrRegexp: FilterRule = ({ key, values }) => {
  const prefixes = values.filter((value) => isHex(value)).map((value) => value.toLowerCase());
  const expressions = values.filter((value) => !isHex(value));
  const matches: TextTest =
    expressions.length === 0 ? () => false : compileAnyRegexp(new RegexpBudget(key), expressions);
  return ({ network: { id } }) => prefixes.some((prefix) => id.startsWith(prefix)) || matches(id);
};

function isHex(text: string): boolean {
  return /^[0-9a-fA-F]*$/.test(text);
}

/** Any value, anywhere in the id. source: podman libpod/network/netconflist.go@54b588c07d */
export const byIdPart: FilterRule =
  ({ values }) =>
  ({ network }) =>
    values.some((value) => network.id.includes(value));

export const byDriver: FilterRule =
  ({ values }) =>
  ({ network }) =>
    values.includes(network.driver);

/** Any value, anywhere in the types of the chain joined by commas. source: podman libpod/network/netconflist.go@54b588c07d */
export const byPlugin: FilterRule =
  ({ values }) =>
  ({ pluginTypes }) => {
    const types = pluginTypes.join(',');
    return values.some((value) => types.includes(value));
  };

/** All values, each `key` or `key=value`. */
export const byLabel: FilterRule = ({ values }) => {
  const tests = values.map(compileLabelTest);
  return ({ network }) => tests.every((test) => test(network.labels));
};

/** As byLabel, with `*` in a key for any text. */
export const byLabelGlob: FilterRule = ({ key, values }) => {
  const tests = compileLabelGlobs(key, values);
  return ({ network }) => tests.every((test) => test(network.labels));
};

/**
 * A network with none of the values.
 *
 * DIVERGES: Podman 4 drops a network only when all values match; this is Podman 5's way.
 * source: containers/common pkg/filters/filters.go@v0.58.0
 */
export const byLabelAbsence: FilterRule = ({ key, values }) => {
  const tests = compileLabelGlobs(key, values);
  return ({ network }) => !tests.some((test) => test(network.labels));
};

/** One time; made strictly before it. */
export const byUntil: FilterRule = ({ values, clock }) => {
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) throw new NetworkError('untilNotSingle', {});
  const untilNs = parseUntil(value, clock);
  if (untilNs === undefined) throw new NetworkError('untilInvalid', { value });
  return ({ network }) => network.createdNs < untilNs;
};

/** One truth value; whether no container is on the network. source: podman pkg/domain/infra/abi/network.go@v4.3.1 */
export const byDangling: FilterRule = ({ key, values }) => {
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) throw new NetworkError('filterNotSingle', { filter: key });
  const isWanted = parseGoBoolean(value);
  if (isWanted === undefined) throw new NetworkError('danglingInvalid', { value });
  return (subject) => subject.isInUse() !== isWanted;
};

/** Any value: `builtin` is the default network, `custom` any other. source: moby daemon/network/filter.go@v28.5.2 */
export const byType: FilterRule = ({ values }) => {
  const wrong = values.find((value) => value !== 'custom' && value !== 'builtin');
  if (wrong !== undefined) throw new NetworkError('filterTypeInvalid', { value: wrong });
  return ({ isDefault }) => values.includes(isDefault ? 'builtin' : 'custom');
};

/** Any value; every network is of this host. */
export const byScope: FilterRule = ({ values }) => {
  const isWanted = values.includes('local');
  return () => isWanted;
};
