// Lengths of time and moments of a rehearsal, for people.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The two largest units that matter: `6d 18h`, `17h 2m`, `3m`, `12s`. */
export function formatSpan(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / 1000)}s`;
  const whole = Math.round(ms / MINUTE) * MINUTE;
  if (whole < HOUR) return `${whole / MINUTE}m`;
  if (whole < DAY) return join(Math.floor(whole / HOUR), 'h', Math.round((whole % HOUR) / MINUTE), 'm');
  const days = Math.floor(whole / DAY);
  const hours = Math.round((whole % DAY) / HOUR);
  return hours === 24 ? `${days + 1}d` : join(days, 'd', hours, 'h');
}

const join = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`;

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Wed 02:00` in UTC, after so much time: `Wed 02:00 (+1d 17h)`. */
export const formatWhen = (ms: number, mergedAtMs: number): string =>
  `${weekday(ms)} ${clock(ms)} (+${formatSpan(Math.max(0, ms - mergedAtMs))})`;

export const weekday = (ms: number): string => WEEKDAYS[new Date(ms).getUTCDay()] ?? '';
/** `02:00` in UTC. */
export const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
