import { afterEach } from 'vitest';
import type { World, WorldWish } from './world.ts';
import { createWorld } from './world.ts';
import type { WorldAccount } from './world-account.ts';

/**
 * For a file of tests whose worlds differ from test to test.
 * @param credits what the account of each has.
 * @returns `setUp` for a world with an account, and `worlds`: what is in there is closed after its test.
 */
export function useWorlds(credits: number): {
  worlds: World[];
  setUp(wish?: WorldWish): Promise<{ world: World; account: WorldAccount }>;
} {
  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  return {
    worlds,
    setUp: async (wish = {}) => {
      const world = await createWorld(wish);
      worlds.push(world);
      return { world, account: await world.account({ credits }) };
    },
  };
}
