import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { SubmitRequest } from '../../src/core/messages/submit.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { sendRaw } from '../support/raw-http.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { submitText, submitTexts } from '../support/submit.ts';
import { TestLink } from '../support/test-link.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { AccountWish, WorldAccount } from '../support/world-account.ts';
import type { World, WorldWish } from '../support/world.ts';
import { createWorld } from '../support/world.ts';

/*
 * What is promised for an account holds for it, not for each node: docs/operations.md has the list. Two
 * nodes, each with connections of its own, ask at the same time.
 */

let database: TestDatabase;
let worlds: World[];
let links: TestLink[];
let account: WorldAccount;
const clock = new FakeClock();

beforeEach(async () => {
  database = await createTestDatabase();
  worlds = [];
  links = [];
});
afterEach(async () => {
  for (const world of worlds) await world.close();
  await database.drop();
});

/** Two nodes on one database, and an account that both know. */
async function twoNodes(
  wish: AccountWish = {},
  each: WorldWish = { dispatch: false },
): Promise<[World, World]> {
  for (const node of ['one', 'two']) {
    const link = new TestLink('test', { node });
    links.push(link);
    worlds.push(await createWorld({ database, clock, node, links: [link], ...each }));
  }
  const [one, two] = worlds as [World, World];
  account = await one.account(wish);
  return [one, two];
}

/** Runs `ask` so often on each node, all at once. */
function onBoth<T>(times: number, ask: (world: World, at: number) => Promise<T>): Promise<T[]> {
  return Promise.all(
    Array.from({ length: times * worlds.length }, (_, at) =>
      ask(worlds[at % worlds.length] as World, at),
    ),
  );
}

const codeOf = (error: unknown): string =>
  error instanceof GatewayError ? error.code : String(error);

async function requestOf(text: string, to = '0412345678'): Promise<SubmitRequest> {
  const limits = { alphabet: 'any', characters: 2_000, parts: 20 } as const;
  return {
    caller: await account.caller(),
    messages: [{ to, text, sender: 'CompanyABC', scheduledAt: null, limits }],
  };
}

describe('on two nodes', () => {
  it('an account never spends more than it has, and every credit is accounted for', async () => {
    const [one] = await twoNodes({ credits: 50 });
    const outcomes = await onBoth(60, (world, at) =>
      submitText(world, account, `Hello ${at}`).then(() => 'accepted', codeOf),
    );
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(50);
    expect(new Set(outcomes)).toEqual(new Set(['accepted', 'insufficient_credit']));
    expect(await account.credits()).toBe(0);
    expect(await account.messages()).toBe(50);
    expect(await one.storage.read.ledger.discrepancies()).toEqual([]);
  });

  it('a message that is sent twice within the window is taken once', async () => {
    await twoNodes({ duplicateWindowMs: 60_000 });
    const outcomes = await onBoth(20, async (world) => {
      const outcome = await world.gateway.submit(await requestOf('The same'));
      if (outcome.kind !== 'done') throw new Error('replayed');
      const [verdict] = outcome.result.verdicts;
      return verdict?.ok ? 'accepted' : verdict?.error.code;
    });
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['accepted', 'duplicate_message']));
    expect(await account.credits()).toBe(999);
  });

  it('a request under one idempotency key is carried out once, and answered alike', async () => {
    await twoNodes();
    const answers = await onBoth(20, async (world) => {
      const outcome = await world.gateway.submit({
        ...(await requestOf('Once')),
        idempotency: {
          key: 'key',
          fingerprint: 'same',
          answer: ({ submissionId }) => submissionId,
        },
      });
      return outcome.kind === 'replayed' ? outcome.answer : outcome.result.submissionId;
    });
    expect(new Set(answers).size).toBe(1);
    expect(await account.messages()).toBe(1);
    expect(await account.credits()).toBe(999);
  });

  it('what is allowed ten times an hour is allowed ten times by both together', async () => {
    await twoNodes();
    const rate = { most: 10, windowMs: 3_600_000 };
    const waits = await onBoth(20, (world) => world.gateway.allow('something', rate));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(10);
    expect(new Set(waits)).toEqual(new Set([0, 3_600_000]));
  });

  it('nothing stays scheduled to a number that opts out meanwhile', async () => {
    const [one, two] = await twoNodes();
    const caller = await account.caller();
    const due = clock.now() + 3_600_000;
    for (let round = 0; round < 10; round++) {
      const to = `04${12_000_000 + round}`;
      await Promise.all([
        ...Array.from({ length: 10 }, async (_, at) => {
          const request = await requestOf(`Later ${at}`, to);
          const messages = request.messages.map((message) => ({ ...message, scheduledAt: due }));
          await one.gateway.submit({ ...request, messages });
        }),
        two.gateway.optOut(
          caller,
          `+61${to.slice(1)}` as Parameters<World['gateway']['optOut']>[1],
        ),
      ]);
    }
    const page = { limit: 100, offset: 0 };
    expect(await one.gateway.searchMessages(caller, { ...page, status: 'scheduled' })).toEqual([]);
    expect(await account.credits()).toBe(1_000);
  });

  it('a receipt finds its message, however early it comes and wherever', async () => {
    const [one, two] = await twoNodes({}, {});
    const messages = [];
    for (let round = 0; round < 40; round++) {
      const message = await submitText(round % 2 ? one : two, account);
      messages.push(message);
      const find = () =>
        links.flatMap((link) => link.sent).find((part) => part.messageId === message.id);
      await waitUntil('it is handed over', () => find() !== undefined);
      // Whoever handed it over is writing down its answer at this moment.
      await links[round % 3 ? 0 : 1]?.receipt('delivered', { part: find(), at: clock.now() });
    }
    await clock.settle();
    const rows = await Promise.all(messages.map(({ id }) => one.storage.read.messages.findAny(id)));
    expect(new Set(rows.map((row) => row?.status))).toEqual(new Set(['delivered']));
  });

  it('whatever happens at once, the books balance and nothing fails', async () => {
    const [one, two] = await twoNodes({ credits: 100_000, refundPolicy: 'undelivered' });
    const random = seededRandom(20_261_121);
    const caller = await account.caller();
    const due = clock.now() + 3_600_000;
    const scheduled = await submitTexts(one, account, Array(200).fill('Later') as string[], due);
    await onBoth(150, async (world, at) => {
      const victim = scheduled[random(scheduled.length)];
      if (!victim) return;
      switch (at % 5) {
        case 0:
          await world.gateway.cancel(caller, [victim.id]);
          break;
        case 1:
          await world.gateway.optOut(caller, victim.destination);
          break;
        case 2:
          await world.gateway.optIn(caller, victim.destination);
          break;
        case 3:
          await submitText(world, account, `Now ${at}`, at % 2 ? due : null);
          break;
        default:
          await world.gateway.owner.topUp(account.account.id, 1_000 as never, 'test');
      }
    });
    expect(await two.storage.read.ledger.discrepancies()).toEqual([]);
  });
});

describe('five requests in flight, on two nodes', () => {
  let urls: [string, string];
  const sockets: Socket[] = [];
  const body = JSON.stringify({
    messages: [{ to: '0412345678', message: 'Hello', sender: 'CompanyABC' }],
  });

  beforeEach(async () => {
    const [one, two] = await twoNodes();
    urls = [await one.listen(), await two.listen()];
    // Logged in once, an account is remembered.
    for (const node of [0, 1] as const) expect((await ask(node)).status).toBe(200);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  const ask = (node: 0 | 1) =>
    sendRaw(
      urls[node],
      `GET /mobilemessage/v1/account HTTP/1.1\r\nHost: x\r\nAuthorization: ${account.authorization}\r\n\r\n`,
    );
  /** A request whose body does not come to an end. */
  function begin(node: 0 | 1): Socket {
    const socket = connect(Number(new URL(urls[node]).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      [
        'POST /mobilemessage/v1/messages HTTP/1.1',
        'Host: x',
        `Authorization: ${account.authorization}`,
        `Content-Length: ${body.length}`,
        '',
        body.slice(0, 10),
      ].join('\r\n'),
    );
    sockets.push(socket);
    return socket;
  }
  /** Nobody may knock before all five are in: he would take the place of one of them. */
  const full = () =>
    waitUntil('all five are taken', async () => {
      const [row] = await database.query<{ n: string }>(
        "select count(*) as n from pg_locks where locktype = 'advisory' and granted",
      );
      return Number(row?.n) === 5;
    });
  const room = (node: 0 | 1) =>
    waitUntil('there is room', async () => (await ask(node)).status === 200);

  it('are five on both together, and one that ends here makes room there', async () => {
    const [first] = [begin(0), begin(1), begin(0), begin(1), begin(0)];
    await full();
    for (const node of [0, 1] as const) {
      expect(await ask(node)).toMatchObject({
        status: 429,
        body: '{"error":"Too many concurrent requests. Please wait."}',
      });
    }
    first?.destroy();
    await room(1);
    await room(0);
  });

  it('are given back by a node that dies', async () => {
    for (let at = 0; at < 5; at++) begin(0);
    await full();
    expect((await ask(1)).status).toBe(429);
    await worlds[0]?.storage.close();
    await room(1);
  });
});
