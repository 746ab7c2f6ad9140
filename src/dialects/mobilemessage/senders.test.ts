import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { AccountWish } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Answer } from './testkit/client.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  await start({});
});
afterEach(() => world.close());

async function start(wish: AccountWish): Promise<void> {
  client = new Client(world, await world.account({ settings: { edition: '2026' }, ...wish }));
}
const add = (number: unknown, label?: unknown): Promise<Answer> =>
  client.ask('POST', '/v1/senders', { body: { number, label } });
const list = async (): Promise<unknown> => (await client.get('/v1/senders')).rows;

/** The path of the link in the newest message that has left. */
async function linkPath(count: number): Promise<string> {
  await waitUntil('the confirmation is sent', () => world.link.sent.length === count);
  const text = world.link.sent.at(-1)?.text ?? '';
  const link = /https:\/\/sms\.example(\/\S+)/.exec(text)?.[1];
  if (link === undefined) throw new Error(`no link: ${text}`);
  return link;
}
const open = (path: string, method: 'GET' | 'HEAD' | 'POST' = 'GET') =>
  world.inject({ method, url: path });

describe('GET /v1/senders', () => {
  it('lists what may be used', async () => {
    await start({
      senders: [
        { address: '+61412345678', kind: 'dedicated' },
        { address: 'CompanyABC', kind: 'alphanumeric' },
        { address: 'Mobile MSG', kind: 'shared' },
      ],
    });
    expect((await client.get('/v1/senders')).body).toBe(
      JSON.stringify({
        status: 'complete',
        results: [
          { sender: '61412345678', type: 'dedicated' },
          { sender: 'CompanyABC', type: 'alphanumeric' },
          { sender: 'Mobile MSG', type: 'shared' },
        ],
      }),
    );
  });
});

describe('POST /v1/senders', () => {
  it('makes the own number a sender once its handset has opened the link', async () => {
    expect(await add('0412 345 678', 'Reception')).toMatchObject({
      status: 200,
      body: '{"status":"complete","results":[{"sender":"61412345678","type":"own","status":"pending"}]}',
    });
    const path = await linkPath(1);
    expect(world.link.sent).toMatchObject([
      { destination: '+61412345678', sender: 'CompanyABC', total: 1 },
    ]);
    expect((await client.send([{ sender: '61412345678' }])).rows).toMatchObject([
      { status: 'error' },
    ]);

    const page = await open(path);
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.body).toContain('Messages can now be sent from 61412345678.');
    // Opened again, as mail programs and impatient people do.
    expect((await open(path)).statusCode).toBe(200);

    expect(await list()).toContainEqual({ sender: '61412345678', type: 'own', label: 'Reception' });
    for (const sender of ['61412345678', '+61412345678', '0412345678']) {
      expect((await client.send([{ sender }])).rows).toMatchObject([{ sender, status: 'success' }]);
    }
  });

  it('costs nothing, and cannot be looked up: the code is for the handset alone', async () => {
    await add('0412345678');
    const code = (await linkPath(1)).split('code=')[1] as string;
    expect(code).toMatch(/^[\w-]{24}$/);
    expect(await client.account.credits()).toBe(1000);
    const answers = [
      await client.get('/v1/messages'),
      await client.get('/v1/messages?custom_ref=%25'),
      await client.get('/v1/senders'),
    ];
    for (const { body } of answers) expect(body).not.toContain(code);
    for (const line of world.log.lines) expect(line).not.toContain(code);
  });

  it('sends a new link to a number that is not confirmed yet; the old one is void', async () => {
    await add('0412345678');
    const first = await linkPath(1);
    await add('0412345678');
    const second = await linkPath(2);
    expect((await open(first)).statusCode).toBe(404);
    expect((await open(second)).statusCode).toBe(200);
    expect(await add('0412345678')).toMatchObject({
      status: 409,
      body: '{"error":"61412345678 is a sender of this account already."}',
    });
  });

  it('does not believe a link that is a day old', async () => {
    const database = await createTestDatabase();
    try {
      await world.close();
      world = await createWorld({ database });
      await start({});
      await add('0412345678');
      const path = await linkPath(1);
      const now = world.clock.now();
      await world.close();
      world = await createWorld({ database, clock: new FakeClock(now + 25 * 3600_000) });
      expect((await open(path)).statusCode).toBe(404);
    } finally {
      await world.close();
      await database.drop();
      world = await createWorld();
    }
  });

  it.each([
    ['a landline', '0291234567'],
    ['a foreign number', '+64211234567'],
    ['no number', 'me'],
    ['nothing', undefined],
    ['a number that is no text', 412345678],
  ])('refuses %s', async (_, number) => {
    expect((await add(number)).status).toBe(400);
    await world.clock.advance(2_000);
    expect(world.link.sent).toEqual([]);
  });

  it('refuses an account that has no sender to introduce it', async () => {
    await start({ senders: [] });
    expect((await add('0412345678')).status).toBe(400);
  });

  it('is limited by number and by account', async () => {
    const statuses = async (numbers: string[]): Promise<number[]> => {
      const made: number[] = [];
      for (const number of numbers) made.push((await add(number)).status);
      return made;
    };
    const one = '0412345678';
    expect(await statuses([one, one, one, one])).toEqual([200, 200, 200, 429]);
    const others = Array.from({ length: 8 }, (_, index) => `041234567${index}`);
    expect(await statuses(others)).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
    // Another account cannot have that handset rung either.
    await start({});
    const answer = await add(one);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3000);
  });

  it('leaves nothing behind when the message cannot be sent', async () => {
    await world.close();
    world = await createWorld({ routes: [] });
    await start({});
    expect(await add('0412345678')).toMatchObject({ status: 400 });
    expect(await list()).toHaveLength(2);
    const { id } = client.account.account;
    expect(await world.gateway.senders.list(id)).toHaveLength(2);
  });
});

describe('the page behind the link', () => {
  it.each([
    '',
    '?code=',
    '?code=wrong',
    `?code=${'x'.repeat(5000)}`,
    '?code=a&code=b',
    '?code=%00',
  ])('knows no link %s', async (query) => {
    const answer = await open(`/mobilemessage/v1/senders/confirm${query}`);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toContain('Unknown link');
  });

  it('does nothing for a HEAD, with which some look before they open', async () => {
    await add('0412345678');
    const path = await linkPath(1);
    expect((await open(path, 'HEAD')).statusCode).toBe(404);
    expect(await list()).toHaveLength(2);
  });

  it('is limited for who guesses', async () => {
    const statuses = new Set<number>();
    for (let index = 0; index < 31; index++) {
      const { statusCode } = await open(`/mobilemessage/v1/senders/confirm?code=${index}`);
      statuses.add(statusCode);
    }
    expect([...statuses]).toEqual([404, 429]);
  });
});
