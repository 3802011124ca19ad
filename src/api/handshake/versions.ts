/** The version of package.json, a constant because that file need not be beside the bundled daemon. */
export const podnetdVersion = '0.1.0';

/** Announced to clients: old enough for every client's upper bound, new enough for its lower one. */
export const dockerApiVersion = '1.44';
export const minDockerApiVersion = '1.24';
/** Never a pre-release: Podman 3.0 clients cannot parse one. */
export const libpodApiVersion = '5.4.2';
export const serverName = `Libpod/${libpodApiVersion} (linux)`;
