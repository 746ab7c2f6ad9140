import { createHash } from 'node:crypto';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { Ids } from '../../src/core/ports/ids.ts';

/**
 * Ids that are the same in every run: UUIDs of version 7 by the clock that is given, in one ascending
 * line, and secrets made from a seed.
 */
export function seededIds(clock: Clock, seed = 'parlance'): Ids {
  let made = 0;
  const variant = createHash('sha256').update(seed).digest('hex').slice(0, 3);
  let secrets = 0;
  let latest = 0;
  return {
    next: <T extends string>() => {
      latest = Math.max(latest, clock.now());
      const time = latest.toString(16).padStart(12, '0');
      const count = (++made).toString(16).padStart(12, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${variant}-${count}` as T;
    },
    secret: (bytes) => {
      let text = Buffer.alloc(0);
      while (text.length < bytes) {
        const more = createHash('sha256').update(`${seed} ${++secrets}`).digest();
        text = Buffer.concat([text, more]);
      }
      return text.subarray(0, bytes).toString('base64url');
    },
  };
}

/** Ids as they are in real use, with chance in their last half: the same in every run. */
export function randomIds(seed = 'parlance'): { next<T extends string>(): T } {
  let made = 0;
  return {
    next: <T extends string>() => {
      const hex = createHash('sha256').update(`${seed} ${++made}`).digest('hex');
      return `019a2b3c-0000-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}` as T;
    },
  };
}
