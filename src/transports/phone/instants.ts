import { parseInstant } from '../../text/instant.ts';

/**
 * An instant as a phone writes it, in its local time. Old systems write negative offsets as `+-5:00`.
 * @returns null for what cannot be read: the gateway's own time will do.
 */
export function readInstant(text: unknown): number | null {
  if (typeof text !== 'string' || text.length > 40) return null;
  const mended = text
    .trim()
    .replace(/([+-])-?(\d{1,2}):?(\d{2})$/, (all, sign: string, hour: string, minute: string) =>
      all.includes('+-')
        ? `-${hour.padStart(2, '0')}:${minute}`
        : `${sign}${hour.padStart(2, '0')}:${minute}`,
    );
  return parseInstant(mended) ?? parseInstant(text.trim()) ?? null;
}

/**
 * The instant of what a phone received, by our clock: how long ago it was is what its own clock says, wrong as it may
 * be otherwise.
 * @param sentAt when it told us, by its clock.
 */
export function byOurClock(instant: number | null, sentAt: number | null, now: number): number {
  if (instant === null) return now;
  const ours = sentAt === null ? instant : instant + (now - sentAt);
  return ours > 0 && ours <= now ? Math.round(ours) : now;
}
