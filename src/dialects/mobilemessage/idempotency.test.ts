import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client, goodMessage } from './testkit/client.ts';

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
});
beforeEach(async () => {
  client = new Client(world, await world.account({ settings: { edition: '2026' } }));
});
afterAll(() => world.close());

const key = { 'idempotency-key': 'order 4711' };
const conflict = {
  status: 422,
  body: '{"error":"This Idempotency-Key was already used for another request."}',
};

describe('Idempotency-Key', () => {
  it('gives a retry the first answer, byte for byte, and sends nothing', async () => {
    const asked = [{ custom_ref: 'a' }, { to: 'nobody' }];
    const first = await client.send(asked, {}, key);
    expect(first.rows.map(({ status }) => status)).toEqual(['success', 'error']);
    await world.clock.advance(3600_000);
    const second = await client.send(asked, {}, key);
    expect(second.body).toBe(first.body);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect(await client.account.messages()).toBe(1);
    expect(await client.account.credits()).toBe(999);
  });

  it('is held to the body, byte for byte', async () => {
    await client.send([{}], {}, key);
    expect(await client.send([{ message: 'other' }], {}, key)).toMatchObject(conflict);
    const spaced = JSON.stringify({ messages: [goodMessage] }, null, 1);
    expect(await client.ask('POST', '/v1/messages', { body: spaced, headers: key })).toMatchObject(
      conflict,
    );
    expect(await client.account.messages()).toBe(1);
  });

  it('sends once what is asked several times at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => client.send([{ custom_ref: 'x' }], {}, key)),
    );
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await client.account.messages()).toBe(1);
    expect(await client.account.credits()).toBe(999);
  });

  it('lets only one of two requests pass that are different and come at the same moment', async () => {
    const answers = await Promise.all([
      client.send([{ message: 'one' }], {}, key),
      client.send([{ message: 'two' }], {}, key),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 422]));
    expect(await client.account.messages()).toBe(1);
  });

  it('belongs to the credential', async () => {
    const { owner } = world.gateway;
    const { id } = client.account.account;
    const wanted = {
      dialect: 'mobilemessage',
      kind: 'basic',
      username: 'second',
      secret: 'p',
    } as const;
    await owner.issueCredential(id, wanted);
    const authorization = `Basic ${Buffer.from('second:p').toString('base64')}`;
    const second = new Client(world, { ...client.account, authorization });
    const other = new Client(world, await world.account({ settings: { edition: '2026' } }));
    await client.send([{}], {}, key);
    expect((await second.send([{ message: 'b' }], {}, key)).status).toBe(200);
    expect((await other.send([{ message: 'c' }], {}, key)).status).toBe(200);
  });

  it('keeps an answer in which every message has an error', async () => {
    const first = await client.send([{ to: 'nobody' }], {}, key);
    expect((await client.send([{ to: 'nobody' }], {}, key)).body).toBe(first.body);
    expect(await client.send([{ to: 'somebody' }], {}, key)).toMatchObject(conflict);
  });

  it('is free again after a request that was refused as a whole', async () => {
    const poor = new Client(
      world,
      await world.account({ credits: 0, settings: { edition: '2026' } }),
    );
    expect((await poor.send([{}], {}, key)).status).toBe(403);
    await world.gateway.owner.topUp(poor.account.account.id, 1000 as never, null);
    expect((await poor.send([{}], {}, key)).status).toBe(200);
  });

  it.each([
    ['k', 200],
    ['k'.repeat(255), 200],
    ['k'.repeat(256), 400],
    ['', 400],
  ])('may have 1 to 255 characters: %#', async (value, status) => {
    expect((await client.send([{}], {}, { 'idempotency-key': value })).status).toBe(status);
  });
});
