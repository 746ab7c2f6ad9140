import type { Places } from '../../../core/ports/places.ts';

/** One process serves: it counts in memory. */
export function createPlaces(): Places {
  const taken = new Map<string, number>();
  return {
    async enter(key, limit) {
      const before = taken.get(key) ?? 0;
      if (before >= limit) return undefined;
      taken.set(key, before + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        const now = (taken.get(key) ?? 1) - 1;
        if (now === 0) taken.delete(key);
        else taken.set(key, now);
      };
    },
  };
}
