import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Bytes of the young generation, both halves, from which on it does not double any more. With a quarter of it creates take a seventh more
 * time for collections, with four times as much the processor's cache holds it no longer.
 */
const enoughYoungBytes = 8 * 1024 * 1024;

/**
 * Keeps V8 from holding memory that a daemon at rest has no use for. The young generation grows to eight mebibytes instead of thirty-two, as
 * requests leave little that lives on, and V8 shrinks it when the daemon rests; the old one is collected when it has grown by two fifths
 * instead of up to fourfold. A V8 that lacks one of the flags says so on standard error and goes on.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=40');
  let mayGrow: boolean | undefined;
  const judge = () => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    const isSmall = (young?.space_size ?? 0) < enoughYoungBytes;
    if (isSmall === mayGrow) return;
    mayGrow = isSmall;
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  };
  judge();
  new PerformanceObserver(judge).observe({ entryTypes: ['gc'] });
}
