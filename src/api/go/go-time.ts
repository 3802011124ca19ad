const nsPerSecond = 1_000_000_000n;

/** 0001-01-01 and 9999-12-31: Go puts no year with more than four digits into JSON, and a file can have any time. */
const earliestSeconds = -62_135_596_800n;
const latestSeconds = 253_402_214_400n;

/**
 * A time as Go's time.RFC3339Nano prints it in the zone of this process: fraction without trailing zeros, `Z` for UTC.
 * DIVERGES: a time that Go refuses to print is printed as the nearest that it prints.
 */
export function formatGoTime(epochNs: bigint): string {
  const fractionNs = ((epochNs % nsPerSecond) + nsPerSecond) % nsPerSecond;
  const seconds = clamp((epochNs - fractionNs) / nsPerSecond);
  const date = new Date(Number(seconds) * 1_000);
  const offsetMinutes = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const fraction = fractionNs
    .toString()
    .padStart(9, '0')
    .replace(/(?<!0)0+$/, '');
  return local + (fraction === '' ? '' : `.${fraction}`) + formatOffset(offsetMinutes);
}

function clamp(seconds: bigint): bigint {
  if (seconds < earliestSeconds) return earliestSeconds;
  return seconds > latestSeconds ? latestSeconds : seconds;
}

function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const whole = Math.abs(minutes);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(whole / 60))}:${two(whole % 60)}`;
}

/** Whether Go's time.Time would take the text: RFC 3339 with a zone, and a day and an hour that exist. */
export function isGoTime(text: string): boolean {
  const wallClock = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})([.,]\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(text)?.[1];
  const epochMs = Date.parse(`${wallClock ?? ''}Z`);
  // JavaScript moves 30 February into March.
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().slice(0, 19) === wallClock;
}
