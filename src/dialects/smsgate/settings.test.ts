import { expect, it } from 'vitest';
import type { Account } from '../../core/accounts/account.ts';
import { accountSettings, settingsOf } from './settings.ts';

const accountWith = (settings: Record<string, unknown>) => ({
  account: { settings } as unknown as Account,
});
const defaults = { defaultSender: null, webhookRetries: 15 };

it('has a default for every key', () => {
  expect(settingsOf(accountWith({}))).toEqual(defaults);
});

it('reads what the account keeps, once for each copy', () => {
  const view = accountWith({ smsgate: { webhookRetries: 3 } });
  const settings = settingsOf(view);
  expect(settings.webhookRetries).toBe(3);
  expect(settingsOf(view)).toBe(settings);
});

it('takes what it cannot read for nothing', () => {
  expect(settingsOf(accountWith({ smsgate: { webhookRetries: 'x' } }))).toEqual(defaults);
});

it.each([
  { defaultSender: '' },
  { defaultSender: 'x'.repeat(17) },
  { webhookRetries: -1 },
  { webhookRetries: 16 },
  { unknown: 1 },
])('refuses %j', (given) => {
  expect(accountSettings.safeParse(given).success).toBe(false);
});
