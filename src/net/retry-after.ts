const LONGEST_MS = 24 * 60 * 60 * 1000;

const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Reads a `Retry-After` header.
 * Takes the header's value, or undefined where there was none, and the present instant.
 * Gives the delay in milliseconds, never below 0 nor above 24 hours, or undefined for what is
 * neither seconds nor an HTTP date. Never throws.
 * Follows RFC 9110 §10.2.3 and, for the three date forms, §5.6.7.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  const delay = /^-?\d+$/.test(text) ? Number(text) * 1000 : parseHttpDate(text) - nowMs;
  if (Number.isNaN(delay)) return undefined;
  return Math.min(Math.max(delay, 0), LONGEST_MS);
}

function parseHttpDate(text: string): number {
  // The forms are checked first because Date.parse finds a date in "foo 1", too.
  if (IMF_FIXDATE.test(text) || RFC_850.test(text)) return Date.parse(text);
  // asctime names no zone and means GMT; Date.parse would take the machine's own.
  if (ASCTIME.test(text)) return Date.parse(`${text} GMT`);
  return Number.NaN;
}
