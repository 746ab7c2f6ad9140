import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld();
  client = new Client(world, await world.account({ dialect: 'smsmobileapi', kind: 'api_key' }));
});
afterAll(() => world.close());
afterEach(() => {
  world.link.answers.length = 0;
});

const refused = { kind: 'refused', code: 'refused_by_link', detail: 'No.' } as const;

/** One that its link refused. */
async function failed(parameters: Record<string, string> = {}): Promise<string> {
  world.link.answers.push(refused);
  const guid = await client.send(parameters);
  await world.clock.advance(100);
  return guid;
}

async function rowOf(guid: string) {
  const { sms } = await client.get('/log/sent/sms/', { guid_message: guid });
  expect(sms).toHaveLength(1);
  return sms[0] as Record<string, unknown>;
}

describe('/resend/', () => {
  it('sends a failed message again, under the same guid', async () => {
    const guid = await failed();
    expect(await rowOf(guid)).toMatchObject({
      send_from_mobile: 0,
      send_from_mobile_erreur: 'The phone refused the message.',
    });
    const answer = await client.get('/resend/', { guid });
    expect(answer.status).toBe(200);
    expectSample(answer.body, readFixture(import.meta.url, 'resend.response.json'));
    await world.clock.advance(100);
    expect(await rowOf(guid)).toMatchObject({
      send_from_mobile: 1,
      send_from_mobile_erreur: '',
      guid_message: guid,
    });
    const { sms } = await client.get('/log/sent/sms/');
    expect(sms.filter(({ guid_message }) => guid_message === guid)).toHaveLength(1);
  });

  it('counts the attempts', async () => {
    const guid = await failed();
    for (const attempt of [1, 2, 3]) {
      world.link.answers.push(refused);
      const { result } = await client.post('/resend', { guid });
      expect(result).toEqual({ error: '0', sms: 'resent with successfully', attempt });
      await world.clock.advance(100);
    }
  });

  it('charges each attempt, and gives back what never left', async () => {
    const before = await client.account.credits();
    const guid = await failed();
    expect(await client.account.credits()).toBe(before);
    await client.get('/resend/', { guid });
    await world.clock.advance(100);
    expect(await client.account.credits()).toBe(before - 1);
    expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
  });

  it('is for messages in an error status alone', async () => {
    const guid = await client.send();
    await world.clock.advance(100);
    const { status, result } = await client.get('/resend/', { guid });
    expect(status).toBe(200);
    expect(result).toEqual({
      error: 'The message is not in an error status.',
      sms: 'The message is not in an error status.',
      attempt: 0,
    });
  });

  it('sends once, however many ask at once', async () => {
    const guid = await failed();
    const sent = world.link.sent.length;
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => client.get('/resend/', { guid })),
    );
    expect(answers.filter(({ result }) => result['error'] === '0')).toHaveLength(1);
    await world.clock.advance(100);
    expect(world.link.sent).toHaveLength(sent + 1);
  });

  it.each(['', 'nonsense', 'c319d3b35e8f8712cde20dae39ac3c19f86eda25'])(
    'knows no message %j',
    async (guid) => {
      const { status, result } = await client.get('/resend/', { guid });
      expect({ status, error: result['error'] }).toEqual(
        guid === ''
          ? { status: 400, error: 'Missing required parameter: guid' }
          : { status: 200, error: 'There is no message with this guid.' },
      );
    },
  );

  it('leaves a handset alone that has unsubscribed meanwhile', async () => {
    const guid = await failed({ recipients: '+61491570159' });
    const caller = await client.account.caller();
    await world.gateway.optOut(caller, '+61491570159' as never);
    const { result } = await client.get('/resend/', { guid });
    expect(result['error']).toBe('The recipient has unsubscribed.');
    expect(await rowOf(guid)).toMatchObject({ guid_message: guid });
  });

  it('does not send an encrypted message again', async () => {
    const guid = await failed({ encrypt_message: 'yes' });
    const { result } = await client.get('/resend/', { guid });
    expect(result['error']).toMatch(/^An encrypted message cannot be sent again/);
  });
});
