import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { runProgram, type Outcome } from './netns.js';
import { makeScratch } from './scratch.js';

export interface Compose {
  /** Replaces the project's file; JSON is YAML. */
  write(file: unknown): void;
  run(...args: readonly string[]): Promise<Outcome>;
}

/** docker-compose 1 on a project of its own. */
export function makeCompose(t: Test, socket: string, project: string): Compose {
  const folder = makeScratch(t);
  const file = path.join(folder, 'docker-compose.yml');
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: folder, COMPOSE_PROJECT_NAME: project };
  return {
    write: (content) => writeFileSync(file, JSON.stringify(content)),
    run: async (...args) => await runProgram('docker-compose', ['-f', file, '--ansi', 'never', ...args], { env }),
  };
}
