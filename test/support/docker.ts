import type { Test } from 'tap';
import { runProgram, type Outcome } from './netns.js';
import { makeScratch } from './scratch.js';

/**
 * A function that runs `docker network ARGS` against a socket, with an empty configuration.
 *
 * @param version of the API that the client shall speak; by default the newest that both sides know
 */
export function bindDocker(t: Test, socket: string, version = ''): (...args: readonly string[]) => Promise<Outcome> {
  const env = { DOCKER_CONFIG: makeScratch(t), DOCKER_HOST: '', DOCKER_CONTEXT: '', DOCKER_API_VERSION: version };
  return async (...args) => await runProgram('docker', ['-H', `unix://${socket}`, 'network', ...args], { env });
}
