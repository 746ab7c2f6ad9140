import { describe, expect, it } from 'vitest';
import type { Account } from '../../core/accounts/account.ts';
import { accountSettings, settingsOf } from './settings.ts';

const defaults = {
  edition: '2024',
  webhookRetries: 'minutely',
  requestsInFlight: 5,
  optoutText: 'Opt out: Reply Stop.',
  optoutTextForNames: 'Opt out: Reply Stop.',
};
const of = (settings: Record<string, unknown>) =>
  settingsOf({ account: { settings } as unknown as Account });

describe('the settings of an account', () => {
  it('have a default for everything', () => {
    expect(accountSettings.parse({})).toEqual(defaults);
    expect(of({})).toEqual(defaults);
    expect(of({ mobilemessage: { edition: '2026' } })).toEqual({ ...defaults, edition: '2026' });
  });

  it.each([
    { edition: '2025' },
    { edition: 2026 },
    { editon: '2026' },
    { webhookRetries: 'hourly' },
    { webhookRetries: [0] },
    { webhookRetries: [1.5] },
    { webhookRetries: Array.from({ length: 21 }, () => 60) },
    { requestsInFlight: 0 },
    { requestsInFlight: 1.5 },
    { requestsInFlight: 1_001 },
    { optoutText: '' },
    { optoutText: 'x'.repeat(21) },
    { optoutText: '€'.repeat(11) },
    { optoutText: 'nein 漢' },
  ])('refuse %j', (settings) => {
    expect(accountSettings.safeParse(settings).success).toBe(false);
    // What is stored all the same, by another version, stops nobody.
    expect(of({ mobilemessage: settings })).toEqual(defaults);
  });

  it('are read once for each copy of an account', () => {
    const account = { settings: {} } as unknown as Account;
    expect(settingsOf({ account })).toBe(settingsOf({ account }));
  });
});
