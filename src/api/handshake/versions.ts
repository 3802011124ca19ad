/** The version of package.json, a constant because that file need not be beside the bundled daemon. */
export const podnetdVersion = '0.2.0';

/** Set by the bundler, see `.version/commit`. */
declare const PODNETD_COMMIT: string | undefined;

/** The commit of the source, with `-dirty` behind it when files differed from that; `unknown` outside of a bundle. */
export const podnetdCommit = typeof PODNETD_COMMIT === 'string' ? PODNETD_COMMIT : 'unknown';

/**
 * Announced to clients, which speak it or an older one: the newest released one, because podnetd serves its networks whole. From 1.45 on,
 * networks changed with 1.48, 1.52 and 1.54 alone. source: moby api/docs/CHANGELOG.md@api/v1.56.0
 */
export const dockerApiVersion = '1.56';
export const minDockerApiVersion = '1.24';
/** Never a pre-release: Podman 3.0 clients cannot parse one. */
export const libpodApiVersion = '5.4.2';
export const serverName = `Libpod/${libpodApiVersion} (linux)`;
