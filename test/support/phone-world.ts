import type { LinkId } from '../../src/core/ids.ts';
import { devicePolicyOf, phone } from '../../src/transports/phone/index.ts';
import { FakeClock } from './fake-clock.ts';
import type { World, WorldWish } from './world.ts';
import { createWorld } from './world.ts';

export interface PhoneWorldWish extends Omit<WorldWish, 'links' | 'policies' | 'mounted'> {
  /** Of the link of phones. */
  phones?: Record<string, unknown>;
  /** Links beside it, behind it in the only route. */
  others?: WorldWish['links'];
}

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  what: string;
  more: Record<string, unknown> | undefined;
}

const phonesId = 'phones' as LinkId;

/** A whole gateway whose messages go by phones. */
export async function createPhoneWorld(
  wish: PhoneWorldWish = {},
): Promise<World & { lines: LogLine[] }> {
  const { phones = {}, others = [], ...rest } = wish;
  const clock = wish.clock ?? new FakeClock();
  const settings = phone.settings.parse(phones);
  const lines: LogLine[] = [];
  const link = phone.create(phonesId, settings, {
    clock,
    dataFolder: '/nonexistent',
    log: (level, what, more) => lines.push({ level, what, more }),
  });
  const world = await createWorld({
    ...rest,
    clock,
    links: [link, ...others],
    policies: new Map([[phonesId, { onLostAnswer: 'unknown', devices: true }]]),
    devices: devicePolicyOf(settings),
    mounted: (context) => [phone.routes?.({ id: phonesId, settings }, context)].filter(isThere),
  });
  // The world closes it as it is, with the accessors that it has.
  return Object.assign(world, { lines });
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
