import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { TestStorage } from '../../../test/support/storage.ts';
import { openTestStorage } from '../../../test/support/storage.ts';
import { testVault } from '../../../test/support/test-vault.ts';
import { AttemptLimits } from './attempt-limits.ts';
import { usualUserSettings } from './settings.ts';

let opened: TestStorage;
let clock: FakeClock;
beforeEach(async () => {
  opened = await openTestStorage();
  clock = new FakeClock();
});
afterEach(() => opened.end());

const limitsOn = ({ storage }: Pick<TestStorage, 'storage'>, most = 2, windowMs = 10_000) =>
  new AttemptLimits(
    { storage, clock, vault: testVault() },
    { ...usualUserSettings.limits, activation: { most, windowMs } },
  );
const taken = (limits: AttemptLimits, subject = 'ann', address: string | null = null) =>
  limits.take('activation', subject, address).then(
    () => 'taken',
    (error: { detail: string; retryAfterMs: number }) => error.retryAfterMs,
  );

it('is as it is configured, and says when it is over', async () => {
  const limits = limitsOn(opened);
  expect([await taken(limits), await taken(limits)]).toEqual(['taken', 'taken']);
  await clock.advance(4_000);
  expect(await taken(limits)).toBe(6_000);
  await expect(limits.take('activation', 'ann', null)).rejects.toMatchObject({
    code: 'too_many_attempts',
    detail: 'Too many attempts to activate a user: 2 are allowed in 10 seconds. Please wait.',
  });
  expect(await taken(limits, 'bob')).toBe('taken');
  await clock.advance(5_999);
  expect(await taken(limits)).toBe(1);
  await clock.advance(1);
  expect(await taken(limits)).toBe('taken');
});

it('is the same on all nodes together, and each kind is counted by itself', async () => {
  const another = await opened.another();
  const [one, two] = [limitsOn(opened), limitsOn({ storage: another })];
  expect([await taken(one), await taken(two)]).toEqual(['taken', 'taken']);
  expect([await taken(one), await taken(two)]).toEqual([10_000, 10_000]);
  await one.take('twoFactor', 'ann', null);
  await another.close();
});

it('lets no more through when many come at once', async () => {
  const limits = limitsOn(opened, 3);
  const came = await Promise.all(Array.from({ length: 20 }, () => taken(limits)));
  expect(came.filter((one) => one === 'taken')).toHaveLength(3);
});

it('counts ten times as many of one machine', async () => {
  const limits = limitsOn(opened, 1);
  const came = [];
  for (let nth = 0; nth < 11; nth++) came.push(await taken(limits, `n${nth}`, '192.0.2.1'));
  expect(came).toEqual([...Array<string>(10).fill('taken'), 10_000]);
  expect(await taken(limits, 'n11', '192.0.2.2')).toBe('taken');
  await clock.advance(10_000);
  expect(await taken(limits, 'n11', '192.0.2.1')).toBe('taken');
});
