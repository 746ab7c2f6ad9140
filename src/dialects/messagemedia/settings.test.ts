import { expect, it } from 'vitest';
import type { Account } from '../../core/accounts/account.ts';
import { accountSettings, settingsOf } from './settings.ts';

const accountWith = (settings: Record<string, unknown>) => ({
  account: { settings } as unknown as Account,
});
const defaults = {
  vendorId: 'MessageMedia',
  billingUnits: false,
  defaultSender: null,
  clockSkewSeconds: 900,
};

it('has a default for every key', () => {
  expect(settingsOf(accountWith({}))).toMatchObject(defaults);
});

it('reads what the account keeps, once for each copy', () => {
  const view = accountWith({ messagemedia: { vendorId: 'SinchEU' } });
  const settings = settingsOf(view);
  expect(settings.vendorId).toBe('SinchEU');
  expect(settingsOf(view)).toBe(settings);
});

it('takes what it cannot read for nothing', () => {
  expect(settingsOf(accountWith({ messagemedia: { vendorId: 7 } }))).toMatchObject(defaults);
});

it.each([
  { vendorId: '' },
  { billingUnits: 'yes' },
  { defaultSender: 'x'.repeat(17) },
  { clockSkewSeconds: -1 },
  { clockSkewSeconds: 1.5 },
  { unknown: 1 },
])('refuses %j', (given) => {
  expect(accountSettings.safeParse(given).success).toBe(false);
});
