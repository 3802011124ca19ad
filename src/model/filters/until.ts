import type { FilterClock } from './filters.js';

/**
 * A point in time as the `until` filter spells it: a Go duration before now, a time like RFC 3339 of which minutes, seconds, the time of day and
 * the zone may be left out, or seconds since the epoch.
 *
 * QUIRK(podman): a time that is given as a duration is cut to whole seconds, and a time without a zone has the zone in force now, not then.
 *
 * @returns nanoseconds since the epoch; undefined when it is none of these
 * source: containers/common pkg/timetype/timestamp.go@v0.50.1
 */
export function parseUntil(text: string, clock: FilterClock): bigint | undefined {
  // `0` is a duration too, but means the epoch.
  const durationNs = text === '0' ? undefined : parseGoDuration(text);
  if (durationNs !== undefined) return floorToSecond(clock.nowNs - durationNs);
  return parseTime(text, clock.zoneOffsetMinutes) ?? parseUnixTime(text);
}

const nanosecondsPerSecond = 1_000_000_000n;
const int64Max = 2n ** 63n - 1n;

function floorToSecond(epochNs: bigint): bigint {
  const over = epochNs % nanosecondsPerSecond;
  return epochNs - (over < 0n ? over + nanosecondsPerSecond : over);
}

/** In nanoseconds. There are two letters for micro, U+00B5 and U+03BC. */
const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', nanosecondsPerSecond],
  ['m', 60n * nanosecondsPerSecond],
  ['h', 3600n * nanosecondsPerSecond],
]);

/** @returns nanoseconds; undefined when Go's time.ParseDuration refuses it. source: Go time/format.go@go1.19 */
export function parseGoDuration(text: string): bigint | undefined {
  const [, sign, parts] = /^([+-]?)(.+)$/s.exec(text) ?? [];
  if (parts === undefined) return undefined;
  if (parts === '0') return 0n;
  let sum = 0n;
  let end = 0;
  // Sticky: each part begins where the one before ended.
  for (const { 0: part, 1: whole = '', 2: fraction = '', 3: unit = '' } of parts.matchAll(
    /(\d*)(?:\.(\d*))?([^\d.]+)/gy,
  )) {
    const unitNs = units.get(unit);
    if (unitNs === undefined || whole + fraction === '') return undefined;
    // Digits beyond a nanosecond of an hour do not count.
    const digits = fraction.slice(0, 18);
    sum += BigInt(whole) * unitNs + (BigInt(digits) * unitNs) / 10n ** BigInt(digits.length);
    if (sum > int64Max) return undefined;
    end += part.length;
  }
  if (end !== parts.length) return undefined;
  return sign === '-' ? -sum : sum;
}

const timeForm =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?)?(Z|([+-])([01]\d|2[0-3]):([0-5]\d))?$/;

function parseTime(text: string, localOffsetMinutes: number): bigint | undefined {
  const [, date, hour = '00', minute = '00', second = '00', fraction = '', zone, sign, zoneHours, zoneMinutes] =
    timeForm.exec(text) ?? [];
  if (date === undefined) return undefined;
  const wallClock = `${date}T${hour.padStart(2, '0')}:${minute}:${second}`;
  const epochMs = Date.parse(`${wallClock}Z`);
  // JavaScript moves 30 February into March.
  if (Number.isNaN(epochMs) || new Date(epochMs).toISOString().slice(0, 19) !== wallClock) return undefined;
  const zoneOffset = Number(`${sign ?? ''}${Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)}`);
  const offsetMinutes = zone === undefined ? localOffsetMinutes : zoneOffset;
  return BigInt(epochMs - offsetMinutes * 60_000) * 1_000_000n + nanosecondsOf(fraction);
}

/** Seconds with a fraction. */
function parseUnixTime(text: string): bigint | undefined {
  const [, whole, fraction = ''] = /^\+?(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const seconds = BigInt(whole);
  return seconds > int64Max ? undefined : seconds * nanosecondsPerSecond + nanosecondsOf(fraction);
}

/** Nanoseconds of the digits behind the point; more than nine digits do not count. */
function nanosecondsOf(fraction: string): bigint {
  return BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}
