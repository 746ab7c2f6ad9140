import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Fixtures } from '../../storage/testkit/fixtures.ts';
import type { E164 } from '../../text/phone-number.ts';
import { gatewaySid } from './guid.ts';
import { Client } from './testkit/client.ts';

const sample = (name: string) =>
  readFixture(import.meta.url, `${name}.response.json`) as { result: { sms: object[] } };
const minute = 60_000;
const day = 86_400_000;

let world: World;
let client: Client;
let self: string;
beforeAll(async () => {
  world = await createWorld({ clock: new FakeClock('2026-03-20T21:07:44Z') });
});
afterAll(() => world.close());
beforeEach(async () => {
  const account = await world.account({
    dialect: 'smsmobileapi',
    kind: 'api_key',
    allowedCountries: ['AU', 'BE'] as never,
    settings: { timeZone: 'Europe/Brussels' },
  });
  client = new Client(world, account);
  self = gatewaySid(account.account.id);
});

const guids = (rows: Record<string, unknown>[]) => rows.map((row) => row['guid_message']);

describe('/log/sent/sms/', () => {
  it('answers the seed’s sample', async () => {
    world.link.answers.push({
      kind: 'retryable',
      code: 'link_unavailable',
      again: 'here',
      detail: 'Away.',
      retryAfterMs: 141_000,
    });
    const guid = await client.send({ recipients: '+32495898697', message: 'test' });
    await world.clock.advance(141_000);
    const answer = await client.get('/log/sent/sms/');
    const [row] = sample('log-sent-sms').result.sms as Record<string, unknown>[];
    expectSample(answer.body, {
      result: {
        error: '0',
        sms: [
          {
            ...row,
            sIdentifiantPhone: self,
            guid_message: guid,
            // Sent at 21:10:05, which is 22:10:05 in the seed's time zone.
            send_from_mobile_timestamp: 1774044605,
          },
        ],
      },
    });
  });

  it('has what was not sent yet, without its times', async () => {
    await client.send({ schedule_timestamp: String(Math.floor(world.clock.now() / 1000) + 3600) });
    const { sms } = await client.get('/log/sent/sms');
    expect(sms).toMatchObject([
      {
        port: 0,
        send_from_mobile: 0,
        send_from_mobile_date: '',
        send_from_mobile_heure: '',
        send_from_mobile_timestamp: 0,
        send_from_mobile_date_server: '',
        send_from_mobile_heure_server: '',
        error_api: '',
        send_from_mobile_erreur: '',
      },
    ]);
  });

  it('filters by guid, text, number and error', async () => {
    const one = await client.send({ message: 'The first, with a Word' });
    world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'No.' });
    const two = await client.send({ recipients: '+61491570157', message: 'second' });
    await world.clock.advance(minute);
    const { result } = await client.post('/sendsms/', {
      recipients: '+33612345678',
      message: 'third',
    });
    const three = String(result['id']);
    const log = async (parameters: Record<string, string>) =>
      guids((await client.get('/log/sent/sms/', parameters)).sms);
    expect(await log({})).toEqual([three, two, one]);
    expect(await log({ guid_message: two })).toEqual([two]);
    expect(await log({ keyword: 'wORD' })).toEqual([one]);
    expect(await log({ keyword: '+61491570157' })).toEqual([two]);
    expect(await log({ keyword: '1570157' })).toEqual([two]);
    expect(await log({ keyword: '%' })).toEqual([]);
    expect(await log({ error_api: '1' })).toEqual([three]);
    expect(await log({ error_mobile: '1' })).toEqual([two]);
    expect(await log({ error_api: '1', error_mobile: '1' })).toEqual([three, two]);
    expect(await log({ error_api: '0' })).toHaveLength(3);
    expect((await client.get('/log/sent/sms/', { error_api: '1' })).sms[0]).toMatchObject({
      error_api: 'This account may not send to FR. It may send to AU, BE.',
      send_from_mobile_erreur: '',
    });
  });

  it('goes back from a message, a timestamp or a day', async () => {
    const first = await client.send();
    await world.clock.advance(minute);
    const second = await client.send();
    const log = async (before: string) =>
      guids((await client.get('/log/sent/sms/', { before })).sms);
    expect(await log(second)).toEqual([first]);
    expect(await log(first)).toEqual([]);
    expect(await log(String(Math.floor(world.clock.now() / 1000)))).toEqual([first]);
    expect(await log('2026-03-20')).toEqual([]);
    expect(await log('2026-04-01 00:00:00')).toEqual([second, first]);
    const { status } = await client.get('/log/sent/sms/', { before: 'yesterday' });
    expect(status).toBe(400);
  });

  it('says that there is no message of a guid', async () => {
    const { status, body } = await client.get('/log/sent/sms/', { guid_message: 'x' });
    expect(status).toBe(200);
    expect(body).toBe('{"result":{"error":"There is no SMS with this guid_message.","sms":[]}}');
  });
});

describe('/log/sent/frommobile/', () => {
  const rows = new Fixtures();
  /** What was sent so long ago. */
  const send = async (destination: string, text: string, ago = 0) => {
    const sentAt = world.clock.now() - ago;
    const message = rows.message({
      id: world.ids.next(),
      accountId: client.account.account.id,
      destination: destination as E164,
      text,
      status: 'sent',
      createdAt: sentAt,
      sentAt,
    });
    await world.storage.write((tx) => tx.messages.insert([message]));
  };
  const texts = async (parameters: Record<string, string> = {}) =>
    (await client.get('/log/sent/frommobile/', parameters)).sms.map(({ message }) => message);

  it('answers in the seed’s form', async () => {
    const at = world.clock.now();
    await client.send({ message: 'Hello, your appointment has been confirmed.' });
    await world.clock.advance(minute);
    const answer = await client.get('/log/sent/frommobile/', { limit: '500' });
    const { result } = sample('log-sent-frommobile');
    const [row] = result.sms;
    const sent = new Date(at);
    expectSample(answer.body, {
      result: {
        ...result,
        count: 1,
        sms: [
          {
            ...row,
            sIdentifiant: self,
            number: '+61491570156',
            mobile_date_ms: at,
            mobile_date_formatted: localOf(at),
            synchro_time: sent.toISOString().slice(0, 19).replace('T', ' '),
          },
        ],
      },
    });
  });

  it('has what was really sent, of the last seven days', async () => {
    await send('+61491570156', 'too old', 7 * day + 1);
    await send('+61491570156', 'old', 7 * day);
    await send('+61491570156', 'young', day);
    world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'No.' });
    await client.send({ message: 'refused' });
    await world.clock.advance(1000);
    await send('+61491570156', 'now');
    expect(await texts()).toEqual(['now', 'young']);
    expect(await texts({ date_from: '2020-01-01' })).toEqual(['now', 'young']);
  });

  it.each([
    [{ message: 'APPLE' }, ['apple pie']],
    [{ number: '+61491570157' }, ['cherry', 'banana']],
    [{ number: '70157' }, ['cherry', 'banana']],
    [{ search: 'an' }, ['banana']],
    [{ search: '+61491570156' }, ['apple pie']],
    [{ sIdentifiant: 'another' }, []],
    [{ sort_by: 'message', sort_order: 'ASC' }, ['apple pie', 'banana', 'cherry']],
    [{ sort_by: 'number', sort_order: 'DESC', limit: '2' }, ['cherry', 'banana']],
    [{ sort_order: 'asc' }, ['apple pie', 'banana', 'cherry']],
    [{ sort_by: 'synchro_time' }, ['cherry', 'banana', 'apple pie']],
    [{ limit: '1' }, ['cherry']],
    [{ period: 'last_24h' }, ['cherry', 'banana', 'apple pie']],
    [{ period: 'yesterday' }, []],
  ])('with %j', async (parameters, expected) => {
    await send('+61491570156', 'apple pie', 2 * minute);
    await send('+61491570157', 'banana', minute);
    await send('+61491570157', 'cherry');
    expect(await texts(parameters)).toEqual(expected);
  });

  it('knows days in the account’s time zone', async () => {
    // Midnight in Brussels is eleven in the evening in UTC.
    const midnight = Date.parse('2026-03-19T23:00:00Z');
    const evening = '2026-03-19';
    await send('+61491570156', 'late', world.clock.now() - midnight + 1);
    await send('+61491570156', 'after midnight', world.clock.now() - midnight);
    expect(await texts({ period: 'today' })).toEqual(['after midnight']);
    expect(await texts({ period: 'yesterday' })).toEqual(['late']);
    expect(await texts({ date: evening })).toEqual(['late']);
    expect(await texts({ date_from: evening, date_to: evening })).toEqual(['late']);
    expect(await texts({ date_to: evening })).toEqual(['late']);
  });

  it.each([
    [{ period: 'last_year' }, 'period'],
    [{ date: '2026-02-30' }, 'date'],
    [{ date_from: 'monday' }, 'date_from'],
    [{ sort_by: 'colour' }, 'sort_by'],
    [{ sort_order: 'up' }, 'sort_order'],
    [{ limit: '0' }, 'limit'],
    [{ limit: 'many' }, 'limit'],
  ])('refuses %j', async (parameters, name) => {
    const answer = await client.get('/log/sent/frommobile/', parameters);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(`Invalid parameter: ${name} (`);
  });
});

/** In Brussels, in winter. */
function localOf(ms: number): string {
  return new Date(ms + 60 * minute).toISOString().slice(0, 19).replace('T', ' ');
}
