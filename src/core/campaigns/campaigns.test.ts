import { afterEach, describe, expect, it } from 'vitest';
import { TestLink } from '../../../test/support/test-link.ts';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { Caller } from '../accounts/authenticate.ts';
import { cutsAt } from '../../storage/testkit/fixtures.ts';
import type { CampaignId, NodeId } from '../ids.ts';
import type { SendOutcome } from '../ports/transport.ts';
import type { CampaignChunk } from './chunk.ts';
import type { Message } from '../messages/message.ts';
import { fromCredits } from '../money.ts';
import type { Campaign } from './campaign.ts';
import type { CampaignDefinition } from './definition.ts';

let world: World;
let account: WorldAccount;
let caller: Caller;
afterEach(() => world.close());

const begin = async (wish: WorldWish = {}, credits = 10_000): Promise<void> => {
  world = await createWorld(wish);
  account = await world.account({ credits });
  caller = await account.caller();
};

const definition: CampaignDefinition = {
  name: 'Sale',
  sender: 'CompanyABC',
  text: 'Hello {{name}}, sale in {{ City }}',
};

/** As a stream whose chunks end anywhere. */
async function* chunks(text: string, size = 700): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const numberOf = (row: number): string => `04${10_000_000 + row}`;

function csv(rows: number, line: (row: number) => string = good): string {
  return `mobile,name,city\n${Array.from({ length: rows }, (_, at) => `${line(at + 1)}\n`).join('')}`;
}

function good(row: number): string {
  return `${numberOf(row)},Ann ${row},"Perth, WA"`;
}

const create = (more: Partial<CampaignDefinition> = {}): Promise<Campaign> =>
  world.gateway.campaigns.create(caller, { ...definition, ...more });

async function ready(text: string, more: Partial<CampaignDefinition> = {}): Promise<Campaign> {
  const { id } = await create(more);
  return world.gateway.campaigns.import(caller, id, chunks(text));
}

const now = (id: CampaignId): Promise<Campaign> => world.gateway.campaigns.find(caller, id);

async function until(id: CampaignId, state: Campaign['state']): Promise<Campaign> {
  for (let tries = 0; tries < 60; tries++) {
    const campaign = await now(id);
    if (campaign.state === state) return campaign;
    await world.clock.advance(500);
  }
  throw new Error(`it is ${(await now(id)).state}`);
}

/** What the worker does, without the time that it takes. */
async function work(): Promise<void> {
  const node = 'node' as NodeId;
  for (const { id } of await world.gateway.expansion.claim(node, 10)) {
    while ((await world.gateway.expansion.step(id, node)).kind === 'moved');
  }
}

async function sentOnes(): Promise<Message[]> {
  const all: Message[] = [];
  for (let offset = 0; ; offset += 1_000) {
    const some = await world.gateway.searchMessages(caller, { limit: 1_000, offset });
    all.push(...some);
    if (some.length < 1_000) return all.toReversed();
  }
}

const errorsOf = (id: CampaignId) =>
  world.gateway.campaigns.errors(caller, id, { after: 0, limit: 1_000 });

/** What the opt-out link of a text is for. */
function linkIn(text: string) {
  const { pathname, searchParams } = new URL(/http\S+/.exec(text)?.[0] ?? '');
  return world.gateway.optoutLinks.read(pathname.split('/').at(-1) ?? '', searchParams);
}

describe('a campaign', () => {
  it('is imported, started, and sent to every row once', async () => {
    await begin();
    const { id, ...came } = await ready(csv(1_201));
    expect(came).toMatchObject({ state: 'ready', rows: 1_201, stored: 1_201, broken: 0 });
    expect(await sentOnes()).toEqual([]);
    await world.gateway.campaigns.start(caller, id);
    expect(await until(id, 'done')).toMatchObject({
      cursor: 1_201,
      sent: 1_201,
      refused: 0,
      parts: 1_201,
      price: fromCredits(1_201),
      lockedBy: null,
    });
    const sent = await sentOnes();
    expect(sent).toHaveLength(1_201);
    expect(new Set(sent.map(({ destination }) => destination)).size).toBe(1_201);
    const [first] = sent;
    expect(first).toMatchObject({
      text: 'Hello Ann 1, sale in Perth, WA',
      sender: 'CompanyABC',
      priority: -1,
      channel: caller.channel,
    });
    // Numbers of people are not kept for what is over.
    expect(await world.storage.read.campaigns.page(id, 0)).toBeUndefined();
    expect(await world.gateway.balance(caller)).toBe(fromCredits(10_000 - 1_201));
  });

  it('has at most three opt-out links in its text', async () => {
    await begin();
    await create({ text: '{{optout}} '.repeat(3) });
    await expect(create({ text: '{{optout}} '.repeat(4) })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'text',
    });
  });

  it('of whose file no row can be sent is done when it is started', async () => {
    await begin();
    const { id, ...came } = await ready('mobile,name,city\n,Bob,Perth\n,Ann,Perth\n');
    expect(came).toMatchObject({ state: 'ready', rows: 2, stored: 0, broken: 2 });
    const started = await world.gateway.campaigns.start(caller, id);
    expect(started).toMatchObject({ state: 'done', sent: 0 });
    expect(started.doneAt).not.toBeNull();
    expect((await errorsOf(id)).map(({ line }) => line)).toEqual([2, 3]);
  });

  it('that has failed leaves no numbers of people behind', async () => {
    await begin({ dispatch: false });
    const { id } = await create();
    async function* torn(): AsyncGenerator<Uint8Array> {
      yield* chunks(csv(5_000));
      throw new Error('the connection is gone');
    }
    await expect(world.gateway.campaigns.import(caller, id, torn())).rejects.toThrow();
    await world.clock.advance(24 * 3_600_000);
    expect(await world.gateway.expansion.giveUpStale()).toBe(1);
    expect((await now(id)).state).toBe('failed');
    expect(await world.storage.read.campaigns.page(id, 0)).toBeDefined();
    while ((await world.storage.write((tx) => tx.retain(cutsAt(0), 1_000))) > 0);
    expect(await world.storage.read.campaigns.page(id, 0)).toBeUndefined();
  });

  it.each(['a\0b', '\ud800', ' ', 'x'.repeat(401)])('is of no product %j', async (product) => {
    await begin();
    await expect(create({ product })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'product',
    });
  });

  it('gives each recipient his own opt-out link, out of its tags', async () => {
    await begin();
    const { id } = await ready(csv(2), { text: '{{name}}: stop {{ OptOut }}', tags: ['sale'] });
    await world.gateway.campaigns.start(caller, id);
    await until(id, 'done');
    const texts = (await sentOnes()).map(({ text }) => text);
    const [first, second] = texts.map(linkIn);
    expect(texts[0]).toMatch(/^Ann 1: stop http/);
    expect(first).toMatchObject({
      number: '+61410000001',
      direction: 'out',
      scopes: [{ kind: 'tag', value: 'sale' }],
    });
    expect(second).toMatchObject({ number: '+61410000002' });
  });

  it('has an error file that names line and reason, and the rest is sent', async () => {
    await begin();
    const broken: Record<number, string> = {
      2: ',Bob,Perth',
      3: `${numberOf(3)},Bob`,
      4: '12,Bob,Perth',
      5: `${numberOf(5)},"Bob,Perth`,
      6: `${numberOf(6)},Bob,Perth,what,is,this`,
      7: `${numberOf(7)},Bob "the man",Perth`,
      8: `+12025550123,Bob,Perth`,
    };
    await world.gateway.optOut(caller, '+61410000009' as never);
    const { id } = await ready(csv(20, (row) => broken[row] ?? good(row)));
    await world.gateway.campaigns.start(caller, id);
    expect(await until(id, 'done')).toMatchObject({ rows: 20, broken: 5, sent: 12, refused: 3 });
    const file: string[] = [];
    for await (const lines of world.gateway.campaigns.errorFile(caller, id)) file.push(lines);
    expect(file.join('').split('\r\n')).toEqual([
      'line,reason,detail,number',
      '3,field_invalid,The row has no number.,',
      '4,field_invalid,The row has 2 columns; the first one has 3.,0410000003',
      "5,number_invalid,'12' is not a phone number.,12",
      '6,field_invalid,The quotes of the row do not match.,',
      '7,field_invalid,The row has 6 columns; the first one has 3.,0410000006',
      '8,field_invalid,The quotes of the row do not match.,',
      '9,country_not_allowed,This account may not send to US. It may send to AU.,+12025550123',
      '10,recipient_opted_out,Recipient has unsubscribed,0410000009',
      '',
    ]);
    const sent = (await sentOnes()).filter(({ status }) => status !== 'rejected');
    expect(sent).toHaveLength(12);
  });

  it('is told what it will come to before it begins', async () => {
    await begin();
    const long = 'x'.repeat(200);
    const text = csv(6, (row) => {
      if (row === 2) return `${numberOf(2)},${long},Perth`;
      return row === 3 ? '12,Bob,Perth' : row === 4 ? ',,Perth' : good(row);
    });
    const { id } = await ready(text);
    await world.gateway.optOut(caller, '+61410000005' as never);
    expect(await world.gateway.campaigns.estimate(caller, id)).toEqual({
      rows: 5,
      messages: 3,
      parts: 4,
      price: fromCredits(4),
      broken: 1,
      refused: [
        { code: 'number_invalid', rows: 1, line: 4, detail: "'12' is not a phone number." },
        {
          code: 'recipient_opted_out',
          rows: 1,
          line: 6,
          detail: 'Recipient has unsubscribed',
        },
      ],
    });
    expect(await sentOnes()).toEqual([]);
  });

  it('comes to what it was told: repetitions and opt-outs of a scope are known before, too', async () => {
    await begin();
    account = await world.account({ name: 'careful', credits: 10, duplicateWindowMs: 600_000 });
    await world.gateway.scopedOptouts.add(
      await account.caller(),
      '+61410000005' as never,
      { kind: 'tag', value: 'sale' },
      'api',
    );
    caller = await account.caller();
    const rows = ['0410000001', '+61410000001', '0410000005', '0410000002', '0410000001'];
    const { id } = await ready(`mobile\n${rows.join('\n')}\n`, {
      text: 'Hi https://example.com/sale',
      shorten: true,
      tags: ['sale'],
    });
    const told = await world.gateway.campaigns.estimate(caller, id);
    expect(told).toMatchObject({
      messages: 2,
      refused: [
        { code: 'duplicate_message', rows: 2, line: 3 },
        { code: 'recipient_opted_out', rows: 1, line: 4 },
      ],
    });
    await world.gateway.campaigns.start(caller, id);
    const { sent, refused, parts, price } = await until(id, 'done');
    const { messages } = told;
    expect({ sent, refused, parts, price }).toEqual({
      sent: messages,
      refused: 3,
      parts: told.parts,
      price: told.price,
    });
    expect(new Set((await errorsOf(id)).map(({ code, detail }) => `${code} ${detail}`))).toEqual(
      new Set(told.refused.map(({ code, detail }) => `${code} ${detail}`)),
    );
  });

  it('is tested with what one of its rows would get', async () => {
    await begin();
    const { id } = await ready(csv(3));
    const verdicts = await world.gateway.campaigns.test(caller, id, { to: ['0499999999'], row: 2 });
    expect(verdicts).toMatchObject([
      {
        ok: true,
        message: { destination: '+61499999999', text: 'Hello Ann 2, sale in Perth, WA' },
      },
    ]);
    expect(await now(id)).toMatchObject({ state: 'ready', cursor: 0 });
    for (const asked of [
      { to: [] },
      { to: ['1', '2', '3', '4', '5', '6'] },
      { to: ['1'], row: 4 },
    ]) {
      await expect(world.gateway.campaigns.test(caller, id, asked)).rejects.toMatchObject({
        code: 'invalid_request',
      });
    }
  });

  it('is tested with opt-out links of whom the test goes to', async () => {
    await begin();
    const { id } = await ready(csv(1), { text: '{{name}}: {{optout}}' });
    const verdicts = await world.gateway.campaigns.test(caller, id, {
      to: ['0499999999', '0488888888'],
    });
    const linked = verdicts.map((verdict) => linkIn(verdict.message?.text ?? '')?.number);
    expect(linked).toEqual(['+61499999999', '+61488888888']);
  });

  it('pauses at the very row that cannot be paid, and goes on there', async () => {
    await begin({}, 777);
    const { id } = await ready(csv(1_000));
    await world.gateway.campaigns.start(caller, id);
    expect(await until(id, 'paused')).toMatchObject({
      cursor: 777,
      sent: 777,
      reason: 'The credit is used up: line 779 of the file, and what follows, was not sent.',
    });
    expect(await world.gateway.balance(caller)).toBe(0);
    await world.gateway.owner.topUp(caller.view.account.id, fromCredits(500), null);
    await world.gateway.campaigns.resume(caller, id);
    expect(await until(id, 'done')).toMatchObject({ sent: 1_000, reason: null });
    expect(new Set((await sentOnes()).map(({ destination }) => destination)).size).toBe(1_000);
  });

  it('that keeps what is refused does not pause for want of credit: what cannot be paid has failed', async () => {
    await begin({}, 777);
    const text = csv(1_200, (row) => (row === 3 ? '12,Bob,Perth' : good(row)));
    const { id } = await ready(text, { keepsRefused: true });
    await world.gateway.campaigns.start(caller, id);
    expect(await until(id, 'done')).toMatchObject({
      cursor: 1_200,
      sent: 777,
      refused: 423,
      price: fromCredits(777),
      reason: null,
    });
    expect(await world.gateway.balance(caller)).toBe(0);
    const all = (await sentOnes()).toSorted((a, b) => (a.destination < b.destination ? -1 : 1));
    expect(all).toHaveLength(1_200);
    const failed = all.filter(({ status }) => status === 'rejected');
    expect(failed.map(({ error }) => error)).toEqual(
      failed.map(({ destination }) =>
        destination === '+12' ? 'number_invalid' : 'insufficient_credit',
      ),
    );
    // The first that could be paid, in the order of the file.
    const paid = all.filter(({ status }) => status !== 'rejected');
    expect(paid.at(-1)?.destination).toBe('+61410000778');
    expect(paid).toHaveLength(777);
    expect((await errorsOf(id)).slice(0, 2)).toMatchObject([
      { line: 4, code: 'number_invalid' },
      { line: 780, code: 'insufficient_credit' },
    ]);
  });

  it('is paused, resumed and aborted between two chunks', async () => {
    await begin({ campaigns: { waiting: 500 } });

    const { id } = await ready(csv(3_000));
    const { campaigns } = world.gateway;
    await campaigns.start(caller, id);
    await campaigns.pause(caller, id);
    await world.clock.advance(5_000);
    expect(await now(id)).toMatchObject({ state: 'paused', cursor: 0, reason: 'Paused by hand.' });
    await expect(campaigns.start(caller, id)).rejects.toMatchObject({
      detail: 'The campaign is paused: it cannot be started.',
    });
    await campaigns.resume(caller, id);
    await world.clock.advance(500);
    await campaigns.abort(caller, id);
    const aborted = await now(id);
    expect(aborted).toMatchObject({ state: 'aborted', reason: 'Aborted by hand.' });
    await world.clock.advance(5_000);
    expect(await now(id)).toEqual(aborted);
    expect(await sentOnes()).toHaveLength(aborted.sent);
    expect(await world.storage.read.campaigns.page(id, 2_999)).toBeUndefined();
    await expect(campaigns.resume(caller, id)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('waits for its time', async () => {
    await begin({ dispatch: false });
    const { id } = await ready(csv(3));
    const { campaigns } = world.gateway;
    const at = world.clock.now() + 10 * 60_000;
    await campaigns.start(caller, id, { at });
    await world.clock.advance(10 * 60_000 - 1);
    await work();
    expect(await now(id)).toMatchObject({ state: 'scheduled', scheduledAt: at, sent: 0 });
    await campaigns.pause(caller, id);
    expect(await campaigns.resume(caller, id)).toMatchObject({ state: 'scheduled', dueAt: at });
    await world.clock.advance(1);
    await work();
    expect(await now(id)).toMatchObject({ state: 'done', startedAt: at, sent: 3 });
  });

  it('goes out in batches', async () => {
    await begin({ dispatch: false });
    const { id } = await ready(csv(2_500));
    const everyMs = 5 * 60_000;
    await world.gateway.campaigns.start(caller, id, { batch: { size: 1_000, everyMs } });
    const dueAt = world.clock.now() + everyMs;
    await work();
    const first = { state: 'running', cursor: 1_000, lockedBy: null, dueAt };
    expect(await now(id)).toMatchObject(first);
    await world.clock.advance(everyMs - 1);
    await work();
    expect(await now(id)).toMatchObject(first);
    await world.clock.advance(1);
    await work();
    expect(await now(id)).toMatchObject({ cursor: 2_000, dueAt: dueAt + everyMs });
    await world.clock.advance(everyMs);
    await work();
    expect(await now(id)).toMatchObject({ state: 'done', sent: 2_500 });
  });

  describe('in batches, paused and resumed', () => {
    const everyMs = 5 * 60_000;
    const batch = { size: 1_000, everyMs };
    const again = async (id: CampaignId): Promise<void> => {
      await world.gateway.campaigns.pause(caller, id);
      await world.gateway.campaigns.resume(caller, id);
      await work();
    };

    it('waits for its next batch all the same', async () => {
      await begin({ dispatch: false });
      const { id } = await ready(csv(2_500));
      await world.gateway.campaigns.start(caller, id, { batch });
      const dueAt = world.clock.now() + everyMs;
      await work();
      for (let time = 0; time < 3; time++) {
        await world.clock.advance(1_000);
        await again(id);
        const waits = { state: 'running', cursor: 1_000, lockedBy: null, dueAt, stretchAt: null };
        expect(await now(id)).toMatchObject(waits);
      }
      await world.clock.advance(everyMs - 3_000 - 1);
      await work();
      expect(await now(id)).toMatchObject({ cursor: 1_000 });
      await world.clock.advance(1);
      await work();
      expect(await now(id)).toMatchObject({ cursor: 2_000, dueAt: dueAt + everyMs });
      // Longer than it would have waited.
      await world.gateway.campaigns.pause(caller, id);
      await world.clock.advance(2 * everyMs);
      await world.gateway.campaigns.resume(caller, id);
      await work();
      expect(await now(id)).toMatchObject({ state: 'done', sent: 2_500 });
    });

    it('goes on in the batch in which the credit was used up', async () => {
      await begin({ dispatch: false }, 600);
      const { id } = await ready(csv(2_500));
      await world.gateway.campaigns.start(caller, id, { batch });
      const dueAt = world.clock.now() + everyMs;
      await work();
      expect(await now(id)).toMatchObject({ state: 'paused', cursor: 600 });
      await world.gateway.owner.topUp(caller.view.account.id, fromCredits(5_000), null);
      await world.clock.advance(1_000);
      await world.gateway.campaigns.resume(caller, id);
      await work();
      const resumedAt = world.clock.now();
      const first = { cursor: 1_000, dueAt, stretchFrom: 600, stretchAt: resumedAt };
      expect(await now(id)).toMatchObject(first);
    });

    it('begins another batch where the one before is over in the meantime', async () => {
      await begin({ dispatch: false }, 600);
      const { id } = await ready(csv(2_500));
      await world.gateway.campaigns.start(caller, id, { batch });
      await work();
      await world.gateway.owner.topUp(caller.view.account.id, fromCredits(5_000), null);
      await world.clock.advance(everyMs);
      await world.gateway.campaigns.resume(caller, id);
      await work();
      const dueAt = world.clock.now() + everyMs;
      expect(await now(id)).toMatchObject({ cursor: 1_600, dueAt });
    });
  });

  it('belongs to its account', async () => {
    await begin();
    const { id } = await ready(csv(3));
    const other = await (await world.account({ name: 'other' })).caller();
    const { campaigns } = world.gateway;
    const notFound = { code: 'not_found' };
    await expect(campaigns.find(other, id)).rejects.toMatchObject(notFound);
    await expect(campaigns.start(other, id)).rejects.toMatchObject(notFound);
    await expect(campaigns.abort(other, id)).rejects.toMatchObject(notFound);
    await expect(campaigns.estimate(other, id)).rejects.toMatchObject(notFound);
    await expect(campaigns.import(other, id, chunks(csv(3)))).rejects.toMatchObject(notFound);
    expect(await campaigns.list(other, { limit: 10, offset: 0 })).toEqual([]);
    expect(await campaigns.list(caller, { limit: 10, offset: 0 })).toHaveLength(1);
  });
});

describe('a chunk', () => {
  const [one, two] = ['one', 'two'] as NodeId[] as [NodeId, NodeId];
  const submit = async (
    id: CampaignId,
    over: Partial<CampaignChunk> = {},
    to: readonly string[] = [numberOf(1), numberOf(2)],
  ) => {
    const chunk = {
      id,
      nodeId: one,
      leaseUntil: world.clock.now() + 1_000,
      from: 0,
      finishes: null,
    };
    try {
      await world.gateway.submit({
        caller,
        messages: to.map((number) => ({
          to: number,
          text: 'Hello',
          sender: 'CompanyABC',
          limits: { alphabet: 'any', characters: 100, parts: 1 },
        })),
        campaign: {
          ...chunk,
          rows: to.map((number, at) => ({ line: at + 2, to: number })),
          ...over,
        },
      });
      return 'submitted';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const running = async (): Promise<CampaignId> => {
    await begin({ dispatch: false });
    const { id } = await ready(csv(4));
    await world.gateway.campaigns.start(caller, id);
    expect(await world.gateway.expansion.claim(one, 1)).toMatchObject([{ id, lockedBy: one }]);
    expect(await world.gateway.expansion.claim(two, 1)).toEqual([]);
    return id;
  };

  it('is submitted once, however often and by whomever it is tried', async () => {
    const id = await running();
    const came = await Promise.all([submit(id), submit(id, { nodeId: two }), submit(id)]);
    expect(came.toSorted()).toEqual(['already_exists', 'already_exists', 'submitted']);
    expect(await submit(id)).toBe('already_exists');
    expect(await submit(id, { from: 3 })).toBe('already_exists');
    expect(await now(id)).toMatchObject({ cursor: 2, sent: 2 });
    expect(await submit(id, { from: 2 })).toBe('submitted');
    expect(await now(id)).toMatchObject({ state: 'done', sent: 4 });
    expect(await sentOnes()).toHaveLength(4);
  });

  it('moves the campaign also where every row is refused', async () => {
    const id = await running();
    expect(await submit(id, {}, ['1', '2'])).toBe('submitted');
    expect(await now(id)).toMatchObject({ cursor: 2, sent: 0, refused: 2 });
    expect((await errorsOf(id)).map(({ line }) => line)).toEqual([2, 3]);
    expect(await sentOnes()).toEqual([]);
  });

  it('is not submitted while its campaign is paused', async () => {
    const id = await running();
    await world.gateway.campaigns.pause(caller, id);
    expect(await submit(id)).toBe('already_exists');
    await world.gateway.campaigns.resume(caller, id);
    expect(await submit(id)).toBe('already_exists');
    expect(await world.gateway.expansion.claim(two, 1)).toHaveLength(1);
    expect(await submit(id)).toBe('already_exists');
    expect(await submit(id, { nodeId: two })).toBe('submitted');
  });

  it('of a node whose lease has ended is another one’s', async () => {
    const id = await running();
    await world.clock.advance(30_000);
    expect(await world.gateway.expansion.claim(two, 1)).toHaveLength(1);
    expect(await submit(id)).toBe('already_exists');
    expect(await world.gateway.expansion.step(id, one)).toEqual({ kind: 'over' });
    expect(await world.gateway.expansion.step(id, two)).toEqual({ kind: 'moved', rows: 4 });
  });
});

describe('beside others', () => {
  it('campaigns wait while enough of them wait for the link, and what is sent one by one goes first', async () => {
    // Of the first hand-overs none is answered, so its window is full.
    const link = new TestLink('test', { window: 100 });
    let release: (outcome: SendOutcome) => void = () => {};
    const answer = new Promise<SendOutcome>((resolve) => {
      release = resolve;
    });
    for (let at = 0; at < 100; at++) link.answers.push(answer);
    await begin({ links: [link], campaigns: { waiting: 1_000 } });
    const { id } = await ready(csv(5_000));
    await world.gateway.campaigns.start(caller, id);
    await world.clock.advance(10_000);
    const held = await now(id);
    expect(held).toMatchObject({ state: 'running' });
    expect(held.cursor).toBeLessThanOrEqual(2_000);
    expect(held.cursor).toBeGreaterThanOrEqual(1_000);
    // Longer than its lease: it is still this node's.
    await world.clock.advance(60_000);
    expect(await now(id)).toMatchObject({ cursor: held.cursor, lockedBy: held.lockedBy });
    const other = await (await world.account({ name: 'other' })).caller();
    await world.gateway.submit({
      caller: other,
      messages: [
        {
          to: '0499999999',
          text: 'Your code is 1234',
          sender: 'CompanyABC',
          limits: { alphabet: 'any', characters: 100, parts: 1 },
        },
      ],
    });
    release({ kind: 'accepted', upstreamId: 'x' });
    await world.clock.advance(5_000);
    // Behind what the link had in memory already, and before all that waited in storage.
    const place = link.sent.findIndex(({ destination }) => destination === '+61499999999');
    expect(place).toBeGreaterThanOrEqual(100);
    expect(place).toBeLessThanOrEqual(600);
    expect(await until(id, 'done')).toMatchObject({ sent: 5_000 });
  });
});

describe('what a campaign may be', () => {
  const hour = 3_600_000;
  const start = async (
    id: CampaignId,
    what: Parameters<World['gateway']['campaigns']['start']>[2],
  ) => {
    try {
      return (await world.gateway.campaigns.start(caller, id, what)).state;
    } catch (error) {
      return (error as { detail: string }).detail;
    }
  };

  it.each([
    ['5 minutes ahead', 5 * 60_000, 'A campaign is scheduled more than 5 minutes ahead.'],
    ['a moment more', 5 * 60_000 + 1, 'scheduled'],
    ['a moment less than 90 days ahead', 90 * 24 * hour - 1, 'scheduled'],
    ['90 days ahead', 90 * 24 * hour, 'A campaign is scheduled less than 90 days ahead.'],
  ])('its time: %s', async (_, ahead, came) => {
    await begin({ dispatch: false });
    const { id } = await ready(csv(1));
    expect(await start(id, { at: world.clock.now() + ahead })).toBe(came);
  });

  it.each([
    [{ size: 999, everyMs: hour }, 'A batch has 1000 to 500000 rows, and not 999.'],
    [{ size: 1_000, everyMs: hour }, 'running'],
    [{ size: 500_000, everyMs: hour }, 'running'],
    [{ size: 500_001, everyMs: hour }, 'A batch has 1000 to 500000 rows, and not 500001.'],
    [
      { size: 1_000, everyMs: 5 * 60_000 - 1 },
      'Batches follow each other after 5 minutes to 1 hour.',
    ],
    [{ size: 1_000, everyMs: 5 * 60_000 }, 'running'],
    [{ size: 1_000, everyMs: hour + 1 }, 'Batches follow each other after 5 minutes to 1 hour.'],
  ])('its batches: %j', async (batch, came) => {
    await begin({ dispatch: false });
    const { id } = await ready(csv(1));
    expect(await start(id, { batch })).toBe(came);
  });

  it('its tags', async () => {
    await begin();
    const { tags } = await create({ tags: ['a', 'b', 'c'] });
    expect(tags).toEqual(['a', 'b', 'c']);
    await expect(create({ tags: ['a', 'b', 'c', 'd'] })).rejects.toMatchObject({
      detail: 'A campaign has at most 3 opt-out tags, and not 4.',
    });
  });

  it.each([
    [{ kind: 'quick' as const }, 5],
    [{ kind: 'bulk' as const }, 8],
    [{ kind: 'bulk' as const, medium: 'voice' as const }, 6],
  ])('its rows: %j', async (more, most) => {
    await begin({ campaigns: { quickRows: 5, bulkRows: 8, otherRows: 6 } });
    expect(await ready(csv(most), more)).toMatchObject({ state: 'ready', rows: most });
    const { id } = await create(more);
    const detail = `The file has more than ${most} rows, which is the most of a ${more.kind} campaign.`;
    await expect(
      world.gateway.campaigns.import(caller, id, chunks(csv(most + 1))),
    ).rejects.toMatchObject({ detail });
    expect(await now(id)).toMatchObject({ state: 'failed', reason: detail });
  });

  it('of a file that was refused no row is kept', async () => {
    await begin({ campaigns: { bulkRows: 4_500 } });
    const { id } = await create();
    await expect(
      world.gateway.campaigns.import(caller, id, chunks(csv(5_000))),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await now(id)).toMatchObject({ state: 'failed', stored: 4_000 });
    for (const place of [0, 3_999]) {
      expect(await world.storage.read.campaigns.page(id, place)).toBeUndefined();
    }
  });

  it('its file', async () => {
    const text = csv(100);
    await begin({ campaigns: { fileBytes: text.length } });
    await ready(text);
    const { id } = await create();
    await expect(
      world.gateway.campaigns.import(caller, id, chunks(`${text}\n`)),
    ).rejects.toMatchObject({ code: 'body_too_large' });
    expect(await now(id)).toMatchObject({ state: 'failed' });
  });

  it.each([
    ['no rows', 'mobile,name,city\n', 'The file has no rows.'],
    ['nothing', '', 'The file has no rows.'],
    [
      'another column',
      'a,name,city\n1,2,3\n',
      "Say which column has the numbers; it has 'a', 'name', 'city'.",
    ],
    [
      'a column less',
      'mobile,name\n1,2\n',
      "The file has no column 'City'; it has 'mobile', 'name'.",
    ],
  ])('not a file with %s', async (_, text, detail) => {
    await begin();
    const { id } = await create();
    await expect(world.gateway.campaigns.import(caller, id, chunks(text))).rejects.toMatchObject({
      code: 'invalid_request',
      detail,
    });
    expect(await now(id)).toMatchObject({ state: 'failed', reason: detail });
  });

  it('a file without names of columns', async () => {
    await begin();
    const { id } = await ready('Ann;0412345678\nBob;0412345679\n', {
      header: false,
      column: '2',
      text: 'Hi {{1}}',
    });
    await world.gateway.campaigns.start(caller, id);
    await until(id, 'done');
    expect((await sentOnes()).map(({ text }) => text)).toEqual(['Hi Ann', 'Hi Bob']);
  });
});

describe('a campaign that nobody goes on with', () => {
  const keptMs = 3_600_000;
  const giveUp = () => world.gateway.expansion.giveUpStale();

  it('is aborted when it was not started, or resumed, for as long as campaigns are kept', async () => {
    await begin({ dispatch: false, campaigns: { idleMs: keptMs } });
    const { campaigns } = world.gateway;
    const idle = await ready(csv(3));
    const paused = await ready(csv(3));
    const scheduled = await ready(csv(3));
    const running = await ready(csv(3));
    await campaigns.start(caller, scheduled.id, { at: world.clock.now() + keptMs - 1 });
    await campaigns.start(caller, running.id);
    await campaigns.start(caller, paused.id);
    await world.clock.advance(1);
    await campaigns.pause(caller, paused.id);
    await world.clock.advance(keptMs - 1);
    expect(await giveUp()).toBe(1);
    const reason = 'It was neither started nor resumed for 1 hour.';
    const aborted = { state: 'aborted', reason, doneAt: world.clock.now() };
    expect(await now(idle.id)).toMatchObject(aborted);
    expect(await now(paused.id)).toMatchObject({ state: 'paused' });
    await world.clock.advance(1);
    expect(await giveUp()).toBe(1);
    expect(await now(paused.id)).toMatchObject({ state: 'aborted', reason });
    expect(await giveUp()).toBe(0);
    expect(await now(scheduled.id)).toMatchObject({ state: 'scheduled' });
    expect(await now(running.id)).toMatchObject({ state: 'running' });
    // The numbers of people go with the next look at what is kept.
    while ((await world.storage.write((tx) => tx.retain(cutsAt(0), 1_000))) > 0);
    for (const { id } of [idle, paused]) {
      expect(await world.storage.read.campaigns.page(id, 0)).toBeUndefined();
    }
    expect(await world.storage.read.campaigns.page(running.id, 0)).toBeDefined();
    await expect(campaigns.start(caller, idle.id)).rejects.toMatchObject({ field: 'state' });
  });
});

describe('an import that was cut off', () => {
  /** A file that breaks off after so many characters. */
  async function* torn(text: string, after: number): AsyncGenerator<Uint8Array> {
    yield* chunks(text.slice(0, after));
    throw new Error('the connection is gone');
  }

  it('goes on with the same file, wherever it stopped', async () => {
    await begin();
    const text = csv(5_000, (row) =>
      row % 97 === 0 ? ',,' : row % 101 === 0 ? `,x,y` : good(row),
    );
    const { id } = await create();
    for (const share of [0.3, 0.35, 0.9]) {
      await expect(
        world.gateway.campaigns.import(caller, id, torn(text, Math.floor(text.length * share))),
      ).rejects.toThrow('the connection is gone');
      expect(await now(id)).toMatchObject({ state: 'importing' });
    }
    expect((await now(id)).rows).toBeGreaterThan(2_000);
    const whole = await world.gateway.campaigns.import(caller, id, chunks(text, 50_000));
    const { rows, stored, broken } = await ready(text);
    expect(whole).toMatchObject({ state: 'ready', rows, stored, broken });
    const { length } = await errorsOf(id);
    expect(length).toBe(broken);
    for (const place of [0, 499, 500, 2_000, stored - 1]) {
      const page = await world.storage.read.campaigns.page(id, place);
      expect(page?.rows[place - page.first]).toBeDefined();
    }
  });

  it('does not go on with another file', async () => {
    await begin();
    const text = csv(5_000);
    const { id } = await create();
    await expect(world.gateway.campaigns.import(caller, id, torn(text, 100_000))).rejects.toThrow();
    const other = csv(5_000, (row) => good(row === 7 ? 8 : row));
    for (const wrong of [other, csv(10)]) {
      await expect(world.gateway.campaigns.import(caller, id, chunks(wrong))).rejects.toMatchObject(
        {
          code: 'already_exists',
        },
      );
    }
    const whole = await world.gateway.campaigns.import(caller, id, chunks(text));
    expect(whole).toMatchObject({ state: 'ready', rows: 5_000 });
  });

  it('fails when nothing comes for a day', async () => {
    await begin({ dispatch: false });
    const { id } = await create();
    await world.clock.advance(24 * 3_600_000 - 1);
    expect(await world.gateway.expansion.giveUpStale()).toBe(0);
    await world.clock.advance(1);
    expect(await world.gateway.expansion.giveUpStale()).toBe(1);
    expect(await now(id)).toMatchObject({
      state: 'failed',
      reason: 'Its file did not come whole within a day.',
    });
  });
});
