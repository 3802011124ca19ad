import { NetworkError } from '../../model/errors/errors.js';

/** Runs a look at what the host records of its containers. The name of a record that cannot be read has those of a network and a container. */
export function withoutPath<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw withhold(error);
  }
}

/** The same for a look that waits. */
export async function withoutPathOf<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw withhold(error);
  }
}

function withhold(error: unknown): unknown {
  if (!(error instanceof NetworkError) || error.kind !== 'storage') return error;
  return new NetworkError('recordsUnreadable', {}, { cause: error });
}
