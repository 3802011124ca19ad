import type { Test } from 'tap';
import { runProgram, type Outcome } from './netns.js';
import { makeScratch } from './scratch.js';

/** A function that runs `docker network ARGS` against a socket, with an empty configuration. */
export function bindDocker(t: Test, socket: string): (...args: readonly string[]) => Promise<Outcome> {
  const env = { DOCKER_CONFIG: makeScratch(t), DOCKER_HOST: '', DOCKER_CONTEXT: '' };
  return async (...args) => await runProgram('docker', ['-H', `unix://${socket}`, 'network', ...args], { env });
}
