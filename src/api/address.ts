/** Which of the APIs a request speaks. */
export type DialectName = 'compat' | 'libpod-v3' | 'libpod-v4' | 'podnetd';

export interface ApiAddress {
  readonly dialect: DialectName;
  /** The version in the path, without the `v`; undefined when the path has none. */
  readonly version: string | undefined;
  /** What is left of the URL, query included; begins with a slash. */
  readonly rest: string;
}

/** source: podman pkg/api/server/register_networks.go@v4.3.1 */
const versioned = /^\/v([0-9][0-9A-Za-z.-]*)(?=\/)/;

/**
 * Reads a request's URL: `/v4.3.1/libpod/networks/x/json` is the path `/networks/x/json` of libpod 4. Paths of libpod with no version, or one
 * below 4, are libpod 3's for ever. Paths of podnetd's own, `/podnetd/v1/problems`, keep their version.
 */
export function parseAddress(url: string): ApiAddress {
  const path = toOriginForm(url);
  const own = /^\/podnetd(?=[/?]|$)/.test(path) ? path.slice('/podnetd'.length) : undefined;
  if (own !== undefined) {
    const rest = own.startsWith('/') ? own : `/${own}`;
    return { dialect: 'podnetd', version: /^\/v([0-9]+)(?=\/)/.exec(own)?.[1], rest };
  }
  const version = versioned.exec(path)?.[1];
  const unversioned = version === undefined ? path : path.slice(version.length + 2);
  if (!/^\/libpod(?=[/?]|$)/.test(unversioned)) return { dialect: 'compat', version, rest: unversioned };
  const rest = unversioned.slice('/libpod'.length);
  return {
    dialect: majorOf(version) >= 4 ? 'libpod-v4' : 'libpod-v3',
    version,
    rest: rest.startsWith('/') ? rest : `/${rest}`,
  };
}

/** A URL that names its host, as for a proxy, is the same resource without; source: RFC 9112, 3.2. */
export function toOriginForm(url: string): string {
  const path = url.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, '');
  return path.startsWith('/') ? path : `/${path}`;
}

/** The URL that the router sees; every dialect has a prefix of its own, which no request can name itself. */
export function routedUrl({ dialect, rest }: ApiAddress): string {
  // source: moby daemon/server/router/network/network.go@v28.5.2
  return dialect === 'compat' ? `/compat${rest.replace(/^\/networks\/(?=\?|$)/, '/networks')}` : `/${dialect}${rest}`;
}

/** 0 for no version or one that is no dotted number, with an optional pre-release behind it. */
function majorOf(version: string | undefined): number {
  return Number(/^(\d+)(\.\d+)*(-.*)?$/.exec(version ?? '')?.[1] ?? 0);
}

/** Whether a libpod path version comes before `major.minor`; one that cannot be read does not. */
export function isVersionBefore(version: string | undefined, major: number, minor: number): boolean {
  const [, givenMajor, givenMinor] = /^(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  if (givenMajor === undefined) return false;
  const difference = Number(givenMajor) - major || Number(givenMinor ?? 0) - minor;
  return difference < 0;
}
