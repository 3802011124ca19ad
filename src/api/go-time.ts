/** A time as Go's time.RFC3339Nano prints it in the zone of this process: fraction without trailing zeros, `Z` for UTC. */
export function formatGoTime(epochNs: bigint): string {
  const date = new Date(Number(epochNs / 1_000_000n));
  const offsetMinutes = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const fraction = (epochNs % 1_000_000_000n)
    .toString()
    .padStart(9, '0')
    .replace(/(?<!0)0+$/, '');
  return local + (fraction === '' ? '' : `.${fraction}`) + formatOffset(offsetMinutes);
}

function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const whole = Math.abs(minutes);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(whole / 60))}:${two(whole % 60)}`;
}

/** Whether Go's time.Time would take the text: RFC 3339 with a zone, of a day and an hour that there are. */
export function isGoTime(text: string): boolean {
  const wallClock = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})([.,]\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(text)?.[1];
  const epochMs = Date.parse(`${wallClock ?? ''}Z`);
  // JavaScript moves 30 February into March.
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().slice(0, 19) === wallClock;
}
