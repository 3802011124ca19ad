import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Bytes of the young generation, both halves, at which podnetd stops its growth. A quarter of this makes creates a seventh slower by
 * collections; four times as much no longer fits the processor's cache.
 */
const enoughYoungBytes = 8 * 1024 * 1024;

/** Milliseconds after the start: by then the first client has its answer, which what this needs of Node would hold up. */
const restMs = 100;

/**
 * Soon after the start, keeps V8 from holding memory that an idle daemon does not use. The young generation grows to 8 MiB instead of 32, because requests leave
 * little that lives on, and V8 shrinks it when the daemon is idle. V8 collects the old generation when it has grown by two fifths instead of up
 * to fourfold. A V8 without one of the flags prints that on standard error and goes on.
 */
export function keepHeapSmallSoon(): void {
  setTimeout(keepHeapSmall, restMs).unref();
}

function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=40');
  let mayGrow: boolean | undefined;
  const judge = () => {
    const mayDouble = 2 * youngBytes() <= enoughYoungBytes;
    if (mayDouble === mayGrow) return;
    mayGrow = mayDouble;
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  };
  judge();
  new PerformanceObserver(judge).observe({ entryTypes: ['gc'] });
}

/**
 * @returns bytes that V8 may fill in both halves of the young generation, a little less than its size. `space_size` is no measure: from V8 14 (Node 26)
 * on it has only the pages in use, which fall with each collection.
 */
function youngBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return young === undefined ? 0 : 2 * (young.space_used_size + young.space_available_size);
}
