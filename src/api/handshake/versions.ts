/** The version of package.json, a constant because that file need not be beside the bundled daemon. */
export const podnetdVersion = '0.2.0';

/** Set by the bundler, see `.version/commit`. */
declare const PODNETD_COMMIT: string | undefined;

/** The commit of the source, with `-dirty` behind it when files differed from that; `unknown` outside of a bundle. */
export const podnetdCommit = typeof PODNETD_COMMIT === 'string' ? PODNETD_COMMIT : 'unknown';

/** Announced to clients: old enough for every client's upper bound, new enough for its lower one. */
export const dockerApiVersion = '1.44';
export const minDockerApiVersion = '1.24';
/** Never a pre-release: Podman 3.0 clients cannot parse one. */
export const libpodApiVersion = '5.4.2';
export const serverName = `Libpod/${libpodApiVersion} (linux)`;
