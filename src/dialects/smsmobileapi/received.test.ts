import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import type { Reply } from '../../core/delivery/reply.ts';
import type { DeviceId } from '../../core/ids.ts';
import { Fixtures } from '../../storage/testkit/fixtures.ts';
import { gatewaySid, maskedKey, replyGuidOf, replyNumberOf } from './guid.ts';
import { Client, receive } from './testkit/client.ts';

let world: World;
let client: Client;
const rows = new Fixtures();
beforeAll(async () => {
  world = await createWorld({ clock: new FakeClock('2026-03-20T21:23:34.000Z') });
});
afterAll(() => world.close());
beforeEach(async () => {
  const account = await world.account({
    dialect: 'smsmobileapi',
    kind: 'api_key',
    settings: { timeZone: 'Europe/Brussels' },
  });
  client = new Client(world, account);
});

/** Writes down what came, now. */
async function insert(replies: readonly Partial<Reply>[]): Promise<void> {
  const now = world.clock.now();
  const accountId = client.account.account.id;
  const made = replies.map((over) =>
    rows.reply({ accountId, id: world.ids.next(), receivedAt: now, ...over }),
  );
  await world.storage.write((tx) => tx.replies.insert(made));
}

const received = async (parameters: Record<string, string> = {}) =>
  (await client.get('/getsms/', parameters)).sms;
const texts = async (parameters: Record<string, string> = {}) =>
  (await received(parameters)).map(({ message }) => message);
const arrive = (text: string, more: { from?: string; at?: number } = {}) =>
  receive(world, client.account, { text, ...more });

describe('/getsms/', () => {
  it('answers the seed’s sample: by when it reached the server, and beside it by when the phone had it', async () => {
    const reply = await arrive('Hello, your package has been delivered.', {
      from: '+15551234567',
      at: Date.parse('2026-03-20T21:23:32.804Z'),
    });
    const answer = await client.get('/getsms/');
    const sample = readFixture(import.meta.url, 'getsms.response.json') as {
      result: { sms: Record<string, unknown>[] };
    };
    const account = client.account.account.id;
    const number = replyNumberOf(reply.id);
    expectSample(answer.body, {
      result: {
        error: '',
        sms: [
          {
            ...sample.result.sms[0],
            id: number,
            sIdentifiantPhone: gatewaySid(account),
            indice: String(number),
            guid: replyGuidOf(reply.id),
            apikey: maskedKey(account),
          },
        ],
      },
    });
    expect(Number.isSafeInteger(number)).toBe(true);
  });

  it('is newest first, and numbers grow', async () => {
    for (const text of ['one', 'two', 'three']) {
      await arrive(text);
      await world.clock.advance(1000);
    }
    const rows = await received();
    expect(rows.map(({ message }) => message)).toEqual(['three', 'two', 'one']);
    const ids = rows.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(new Set(ids).size).toBe(3);
  });

  it('has what came after a timestamp, also what a phone told late', async () => {
    await arrive('seen');
    const [row] = await received();
    const after_timestamp_unix = String(row?.['timestamp_unix']);
    expect(await texts({ after_timestamp_unix })).toEqual([]);
    await world.clock.advance(5000);
    await arrive('told late', { at: world.clock.now() - 3_600_000 });
    expect(await texts({ after_timestamp_unix })).toEqual(['told late']);
    expect(await texts({ after_timestamp_unix: '0' })).toHaveLength(2);
    expect((await client.get('/getsms/', { after_timestamp_unix: 'x' })).status).toBe(400);
  });

  it('of one phone', async () => {
    await arrive('one');
    const sIdentifiantPhone = gatewaySid(client.account.account.id);
    expect(await texts({ sIdentifiantPhone })).toEqual(['one']);
    expect(await texts({ sIdentifiantPhone: 'another' })).toEqual([]);
  });

  it('of one phone, however many came to others', async () => {
    await insert([{ device: 'phone-1' as DeviceId, text: 'long ago' }]);
    await world.clock.advance(1000);
    await insert(Array.from({ length: 1001 }, () => ({ device: 'phone-2' as DeviceId })));
    expect(await texts({ sIdentifiantPhone: 'phone-1' })).toEqual(['long ago']);
    expect(await texts({ sIdentifiantPhone: gatewaySid(client.account.account.id) })).toEqual([]);
  });

  it('gives whoever goes on from the highest timestamp all of them', async () => {
    const wanted: string[] = [];
    for (let second = 0; second < 5; second++) {
      const some = Array.from({ length: 300 }, (_, at) => `${second}-${at}`);
      await insert(some.map((text) => ({ text })));
      wanted.push(...some);
      await world.clock.advance(1000);
    }
    const seen: unknown[] = [];
    let after = 0;
    let rows = await received({ after_timestamp_unix: '0' });
    for (let times = 0; rows.length > 0 && times < 10; times++) {
      seen.unshift(...rows.map(({ message }) => message));
      expect(rows.length).toBeLessThanOrEqual(1000);
      after = Number(rows[0]?.['timestamp_unix']);
      expect(after).toBe(Math.max(...rows.map(({ timestamp_unix }) => Number(timestamp_unix))));
      rows = await received({ after_timestamp_unix: String(after) });
    }
    expect(seen).toEqual(wanted.toReversed());
  });
});

describe('/getsms/set-read/', () => {
  it('marks one as read; reading does not', async () => {
    const one = await arrive('one');
    await arrive('two');
    expect(await texts({ onlyunread: 'yes' })).toHaveLength(2);
    const guid_message = replyGuidOf(one.id);
    for (let time = 0; time < 2; time++) {
      const answer = await client.get('/getsms/set-read/', { guid_message });
      expect(answer.body).toBe(
        `{"result":{"error":"0","guid_message":"${guid_message}","status":"read"}}`,
      );
    }
    expect(await texts({ onlyunread: 'yes' })).toEqual(['two']);
    expect(await texts()).toHaveLength(2);
    expect(await texts({ onlyunread: 'no' })).toHaveLength(2);
  });

  it('knows no other message', async () => {
    for (const guid_message of ['x', '6BFD7DC7-3492-422D-8D02-4AF4E614F122']) {
      const { status, result } = await client.get('/getsms/set-read/', { guid_message });
      expect({ status, ...result }).toEqual({
        status: 200,
        error: 'There is no received SMS with this guid_message.',
      });
    }
    expect((await client.get('/getsms/set-read/')).status).toBe(400);
  });
});

describe('/getsms/update/', () => {
  it('gives an alias, and takes it away where it is empty', async () => {
    const guid = replyGuidOf((await arrive('one')).id);
    const answer = await client.get('/getsms/update/', { guid, alias: 'John Doe' });
    expect(answer.body).toBe(`{"result":{"error":"0","guid":"${guid}","alias":"John Doe"}}`);
    expect(await received()).toMatchObject([{ alias: 'John Doe' }]);
    const next = await arrive('two');
    expect(await received()).toMatchObject([{ alias: 'John Doe' }, { alias: 'John Doe' }]);
    await client.get('/getsms/update/', { guid: replyGuidOf(next.id), alias: '' });
    await arrive('three');
    expect(await received()).toMatchObject([
      { alias: null },
      { alias: null },
      { alias: 'John Doe' },
    ]);
    await client.post('/getsms/update/', { guid: guid.toLowerCase(), alias: '' });
    expect(await received()).toMatchObject([{ alias: null }, { alias: null }, { alias: null }]);
  });

  it.each([
    [{ alias: 'John' }, 400],
    [{ guid: '6BFD7DC7-3492-422D-8D02-4AF4E614F122' }, 400],
    [{ guid: '6BFD7DC7-3492-422D-8D02-4AF4E614F122', alias: 'x'.repeat(101) }, 400],
    [{ guid: '6BFD7DC7-3492-422D-8D02-4AF4E614F122', alias: 'a\0b' }, 400],
    [{ guid: '6BFD7DC7-3492-422D-8D02-4AF4E614F122', alias: 'John' }, 200],
  ])('with %j answers %d', async (parameters, status) => {
    const answer = await client.get('/getsms/update/', parameters);
    expect(answer.status).toBe(status);
    expect(answer.result['error']).toMatch(/\S/);
  });
});

describe('/deletesms/', () => {
  const sent = async () =>
    (await client.get('/log/sent/sms/')).sms.map(({ guid_message }) => guid_message);
  const count = async (parameters: Record<string, string>) =>
    (await client.get('/deletesms/', parameters)).result['count_delete'];

  it('takes one received message out of the log', async () => {
    const reply = await arrive('one');
    const answer = await client.get('/deletesms/', { guid_message: replyGuidOf(reply.id) });
    expectSample(answer.body, readFixture(import.meta.url, 'deletesms.response.json'));
    expect(await texts()).toEqual([]);
    expect(await count({ guid_message: replyGuidOf(reply.id) })).toBe(0);
  });

  it('takes one sent message out of the log, and its text out of the storage', async () => {
    const guid_message = await client.send({ message: 'to be forgotten' });
    await world.clock.advance(1000);
    expect(await count({ guid_message })).toBe(1);
    expect(await sent()).toEqual([]);
    expect((await client.get('/resend/', { guid: guid_message })).result['error']).toMatch(/no/);
    expect(await client.account.credits()).toBe(999);
  });

  it('leaves what still waits to be sent', async () => {
    const later = String(Math.floor(world.clock.now() / 1000) + 3600);
    const guid_message = await client.send({ schedule_timestamp: later });
    expect(await count({ guid_message })).toBe(0);
    expect(await sent()).toEqual([guid_message]);
  });

  it('takes all of some days, of both logs; without an end all since', async () => {
    const rows = new Fixtures();
    const accountId = client.account.account.id;
    const midnights = ['2026-03-16', '2026-03-17', '2026-03-18'].map((one) =>
      // Midnight in Brussels.
      Date.parse(`${one}T23:00:00Z`),
    );
    await world.storage.write(async (tx) => {
      for (const createdAt of midnights) {
        const id = () => rows.id<never>(createdAt);
        const status = 'delivered';
        await tx.messages.insert([rows.message({ id: id(), accountId, createdAt, status })]);
        await tx.replies.insert([rows.reply({ id: id(), accountId, receivedAt: createdAt })]);
      }
    });
    expect(await count({ date_start: '2026-03-18', date_end: '2026-03-18' })).toBe(2);
    expect(await sent()).toHaveLength(2);
    expect(await texts()).toHaveLength(2);
    expect(await count({ date_start: '2026-03-19' })).toBe(2);
    expect(await count({ date_start: '2020-01-01 00:00:00' })).toBe(2);
    expect(await count({ date_start: '2020-01-01' })).toBe(0);
  });

  it.each([
    [{}, 'Missing required parameter: guid_message'],
    [{ date_end: '2026-03-20' }, 'Missing required parameter: date_start'],
    [{ date_start: 'x' }, 'Invalid parameter: date_start (expected YYYY-MM-DD or a full datetime)'],
  ])('with %j deletes nothing', async (parameters, error) => {
    await arrive('one');
    const answer = await client.get('/deletesms/', parameters);
    expect(answer.status).toBe(400);
    expect(answer.result['error']).toBe(error);
    expect(await texts()).toHaveLength(1);
  });
});
