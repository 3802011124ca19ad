import type { DialectName } from '../address.js';
import { dockerApiVersion } from './versions.js';

/** How documents and manual pages introduce a dialect. */
export interface Title {
  readonly title: string;
  /** Base URLs of its paths, the one for new code first. */
  readonly servers: readonly string[];
  /** Completes "Use it …". */
  readonly use: string;
}

export const titles: Readonly<Record<DialectName, Title>> = {
  compat: {
    title: 'podnetd: Docker-compatible API',
    servers: ['http://d', `http://d/v${dockerApiVersion}`],
    use: 'with the docker command, docker-compose, docker-py, dockerode, Ansible and Terraform',
  },
  'libpod-v3': {
    title: 'podnetd: libpod API of Podman 3',
    servers: ['http://d/v3.2.0/libpod', 'http://d/libpod'],
    use: 'with podman --remote 3, and code that was written for it',
  },
  'libpod-v4': {
    title: 'podnetd: libpod API of Podman 4 and 5',
    servers: ['http://d/v5.4.2/libpod', 'http://d/v4.3.1/libpod'],
    use: 'with podman --remote 4 and 5, and in new code: it says most about a network',
  },
  podnetd: {
    title: 'podnetd: its own API',
    servers: ['http://d/podnetd'],
    use: 'to attach containers with ports, list attachments, free dead ones, and check the health of podnetd',
  },
};
