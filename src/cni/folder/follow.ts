/** What is followed: a store that says when it may have something to see. */
export interface FollowedStore {
  refresh(): Promise<void>;
  onStir: (() => void) | undefined;
}

/** Where there is no inotify, or a file has another name elsewhere, or one is being written, only looking tells. */
const pollMs = 1_000;
/** An editor's save is several steps; a pause this long is its end. */
const settleMs = 50;

/**
 * Keeps a store up to date without anybody asking: soon after inotify says something, and each second.
 *
 * @param onFailure told once of each failure that lasts
 * @returns the end of it
 */
export function followStore(store: FollowedStore, onFailure: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  let wasStirred = false;
  let isOver = false;
  let told: string | undefined;
  const schedule = (delayMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), delayMs).unref();
  };
  const look = async () => {
    isLooking = true;
    wasStirred = false;
    try {
      await store.refresh();
      told = undefined;
    } catch (error) {
      if (told !== String(error)) onFailure(error);
      told = String(error);
    }
    isLooking = false;
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- stirred while the store was read
    if (!isOver) schedule(wasStirred ? settleMs : pollMs);
  };
  store.onStir = () => {
    // What follows does not put the look off, however long it goes on.
    if (!wasStirred && !isLooking) schedule(settleMs);
    wasStirred = true;
  };
  schedule(0);
  return () => {
    isOver = true;
    clearTimeout(timer);
    store.onStir = undefined;
  };
}
