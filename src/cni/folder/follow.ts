/** A store that calls `onStir` when its folder may have changed. */
export interface FollowedStore {
  refresh(): Promise<void>;
  onStir: (() => void) | undefined;
}

/** Between two looks: without inotify, for files with several names and for half-written ones no event announces a change. */
const pollMs = 1_000;
/** From the first event to the look, because an editor saves in several steps. */
const settleMs = 50;

/**
 * Refreshes a store without requests: soon after an inotify event, and each second.
 *
 * @param onFailure receives a failure once, however often it repeats
 * @returns stops following
 */
export function followStore(store: FollowedStore, onFailure: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  let wasStirred = false;
  let isOver = false;
  let reported: string | undefined;
  const schedule = (delayMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), delayMs).unref();
  };
  const look = async () => {
    isLooking = true;
    wasStirred = false;
    try {
      await store.refresh();
      reported = undefined;
    } catch (error) {
      if (reported !== String(error)) onFailure(error);
      reported = String(error);
    }
    isLooking = false;
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- stirred while the store was read
    if (!isOver) schedule(wasStirred ? settleMs : pollMs);
  };
  store.onStir = () => {
    // Later events do not put the look off, however long they go on.
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
