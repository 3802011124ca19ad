import { runProgram } from './netns.js';

/** Debian's interpreter has python3-docker; another Python may come first in the PATH. */
export const python = '/usr/bin/python3';

/**
 * Runs statements with docker-py's `client` and the `docker` package at hand.
 *
 * @returns the values that the statements pass to `report(…)`, parsed from JSON
 * @throws Error with the traceback when a statement throws
 */
export async function runDockerPy(socket: string, statements: string): Promise<readonly unknown[]> {
  const program = `
import json, sys, docker
from docker.types import IPAMConfig, IPAMPool
client = docker.DockerClient(base_url='unix://' + sys.argv[1], version='auto')
def report(value):
    print(json.dumps(value))
${statements}
`;
  const { code, stdout, stderr } = await runProgram(python, ['-', socket], { stdin: program });
  if (code !== 0) throw new Error(`docker-py: ${stderr}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}
