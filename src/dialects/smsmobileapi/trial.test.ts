import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client, goodMessage } from './testkit/client.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const trial = async (trialLimit: number | null): Promise<Client> => {
  const settings = { trialLimit };
  return new Client(
    world,
    await world.account({ dialect: 'smsmobileapi', kind: 'api_key', settings }),
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
    error: 'The account has not enough credit.',
    sent: 'no',
    trial_account: { status: '1', sms_sent: 3 },
  });
  expect(await one.account.messages()).toBe(3);
  expect(await one.account.credits()).toBe(997);
});

it('does not count what cannot be sent', async () => {
  const one = await trial(1);
  await one.post('/sendsms/', { ...goodMessage, recipients: 'nobody' });
  const { result } = await one.post('/sendsms/', goodMessage);
  expect(result).toMatchObject({ error: 0, trial_account: { status: '1', sms_sent: 1 } });
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
