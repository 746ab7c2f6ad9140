import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { AccountWish } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { GatewayError } from '../../core/errors.ts';
import type { E164 } from '../../text/phone-number.ts';
import { Client, goodMessage } from './testkit/client.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
afterEach(() => {
  vi.restoreAllMocks();
  world.link.answers.length = 0;
});

const trial = async (trialLimit: number | null, wish: AccountWish = {}): Promise<Client> => {
  const settings = { trialLimit };
  return new Client(
    world,
    await world.account({ dialect: 'smsmobileapi', kind: 'api_key', settings, ...wish }),
  );
};

it('counts what a trial account has sent, and stops at its limit', async () => {
  const one = await trial(3);
  for (const sms_sent of [1, 2, 3]) {
    const { result } = await one.post('/sendsms/', goodMessage);
    expect(result).toMatchObject({ error: 0, trial_account: { status: '1', sms_sent } });
  }
  const { result } = await one.post('/sendsms/', goodMessage);
  expect(result).toMatchObject({
    error: 'The trial account has sent its 3 messages.',
    sent: 'no',
    trial_account: { status: '1', sms_sent: 3 },
  });
  expect(await one.account.credits()).toBe(997);
  // It is kept for the log, as everything that is refused.
  const { sms } = await one.get('/log/sent/sms/', { error_api: '1' });
  expect(sms).toMatchObject([
    { guid_message: result['id'], error_api: 'The trial account has sent its 3 messages.' },
  ]);
  const encrypted = await one.post('/sendsms/', { ...goodMessage, encrypt_message: 'yes' });
  const [row] = (await one.get('/log/sent/sms/', { error_api: '1' })).sms;
  expect(row).toMatchObject({
    guid_message: encrypted.result['id'],
    sms: 'You have an encrypted message:',
  });
  const again = await one.get('/resend/', { guid: String(encrypted.result['id']) });
  expect(again.result['error']).toMatch(/^An encrypted message cannot be sent again/);
});

it('does not count what cannot be sent', async () => {
  const one = await trial(1);
  await one.post('/sendsms/', { ...goodMessage, recipients: 'nobody' });
  const { result } = await one.post('/sendsms/', goodMessage);
  expect(result).toMatchObject({ error: 0, trial_account: { status: '1', sms_sent: 1 } });
});

it('does not count what was not sent after all', async () => {
  const one = await trial(2, { duplicateWindowMs: 60_000, credits: 1 });
  await world.gateway.optOut(await one.account.caller(), '+61491570157' as E164);
  const sent = async (changes: Record<string, string> = {}) =>
    (await one.post('/sendsms/', { ...goodMessage, ...changes })).result;
  expect(await sent()).toMatchObject({ sent: '1', trial_account: { sms_sent: 1 } });
  const poor = { message: 'another', encrypt_message: 'yes' };
  for (const changes of [{}, { recipients: '+61491570157' }, { message: 'another' }, poor]) {
    expect(await sent(changes)).toMatchObject({ sent: 'no', trial_account: { sms_sent: 1 } });
  }
  vi.spyOn(world.gateway, 'submit').mockRejectedValueOnce(new GatewayError('overloaded', 'No.'));
  expect((await one.post('/sendsms/', { ...goodMessage, message: 'third' })).status).toBe(503);
  expect((await sent({ recipients: 'nobody' }))['trial_account']).toEqual({
    status: '1',
    sms_sent: 1,
  });
});

it('does not count what could not be sent again', async () => {
  const one = await trial(2, { credits: 1, refundPolicy: 'never' });
  world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'No.' });
  const guid = await one.send();
  await world.clock.advance(100);
  const again = await one.get('/resend/', { guid });
  expect(again.result['error']).toBe('The account has not enough credit.');
  expect(await world.gateway.taken(`smsmobileapi trial ${one.account.account.id}`)).toBe(1);
});

it('holds its limit when many ask at once', async () => {
  const one = await trial(5);
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => one.post('/sendsms/', goodMessage)),
  );
  expect(answers.filter(({ result }) => result['sent'] === '1')).toHaveLength(5);
});

it('is no matter of others', async () => {
  const one = await trial(null);
  const { result } = await one.post('/sendsms/', goodMessage);
  expect(result['trial_account']).toEqual({ status: '0', sms_sent: 0 });
});
