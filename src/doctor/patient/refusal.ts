/**
 * Why an act was refused; undefined when it was done. The doctor is in a file of its own, where podnetd's errors are of another class than in the
 * parts that throw them, so the name decides.
 *
 * @throws any other error than podnetd's own
 */
export async function whyRefused(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error.message;
    throw error;
  }
}

export function isRefusal(error: unknown): error is Error & { readonly remedy?: string; readonly details: unknown } {
  return error instanceof Error && error.name === 'NetworkError';
}
