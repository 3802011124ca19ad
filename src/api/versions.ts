import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('../../package.json') as { version: string };

export const podnetdVersion = manifest.version;

/** Announced to clients: old enough for every client's upper bound, new enough for its lower one. */
export const dockerApiVersion = '1.44';
export const minDockerApiVersion = '1.24';
/** Never a pre-release: Podman 3.0 clients cannot parse one. */
export const libpodApiVersion = '5.4.2';
export const serverName = `Libpod/${libpodApiVersion} (linux)`;
