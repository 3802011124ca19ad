import { StartError, type Argv } from '../host/programs/background.js';
import { run } from '../host/programs/run.js';
import { NetworkError } from '../model/errors/errors.js';

const timeoutMs = 30_000;
const maxOutputBytes = 64 * 1024;

/** Runs a command line to its end. @param descriptors inherited; see host/programs/run @throws NetworkError plugin */
export async function runCommand([file, ...args]: Argv, descriptors: readonly number[] = []): Promise<void> {
  const outcome = await run(file, args, { timeoutMs, maxOutputBytes, descriptors });
  if (outcome.kind === 'ended' && outcome.exitCode === 0) return;
  const reason =
    outcome.kind === 'notStarted'
      ? outcome.reason
      : outcome.stderr.trim() || (outcome.kind === 'killed' ? 'it did not end' : `exit status ${outcome.exitCode}`);
  throw new NetworkError('namespaceFailed', { step: [file, ...args].join(' '), reason });
}

/** Names the program that could not be started as an error of ours. @throws NetworkError plugin */
export async function startCommand<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new NetworkError('namespaceFailed', { step: error.argv.join(' '), reason: error.reason }, { cause: error });
  }
}
