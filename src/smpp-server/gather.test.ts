import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../../test/support/storage.ts';
import { createTestDatabase } from '../../test/support/storage.ts';
import { storedMessage } from '../../test/support/submit.ts';
import type { SmppClient } from '../../test/support/smpp-client.ts';
import type { SmppWorld } from '../../test/support/smpp-world.ts';
import { createSmppWorld } from '../../test/support/smpp-world.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { PduOf } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { numberTlv } from '../smpp/codec/tlv.ts';
import { concatenationHeader } from '../smpp/user-data.ts';
import { encodeText } from '../text/alphabets.ts';
import { readId, writeId } from './message-ids.ts';
import { ownStatuses } from './statuses.ts';

type Submit = Partial<PduOf<'submit_sm'>>;

let database: TestDatabase;
let smpp: SmppWorld;
beforeEach(async () => {
  database = await createTestDatabase();
  smpp = await createSmppWorld({ database });
});
afterEach(async () => {
  await smpp.close();
  await database.drop();
});

const minute = 60_000;
const reference = 42;

/** The pieces of a text as clients cut it, each a submit_sm. */
function cut(
  texts: readonly (string | Buffer)[],
  more: Submit = {},
  ref = reference,
  bits: 8 | 16 = 8,
): Submit[] {
  return texts.map((text, at) => {
    const place = { reference: ref, number: at + 1, total: texts.length };
    const octets = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
    const shortMessage = Buffer.concat([concatenationHeader(place, bits), octets]);
    return { ...more, esmClass: 0x40, shortMessage };
  });
}

const pieceOf = (messageId: string) => {
  const named = readId(messageId);
  if (named?.kind !== 'piece') throw new Error(`no piece: ${messageId}`);
  return named;
};
const wholeOf = (messageId: string) => storedMessage(smpp.world, pieceOf(messageId));
const gatherings = async () => {
  const open = 'select count(*) as count from gatherings where done_at is null';
  return (await database.query<{ count: number }>(open))[0]?.count;
};

async function submitAll(client: SmppClient, pieces: readonly Submit[]): Promise<string[]> {
  const ids: string[] = [];
  for (const piece of pieces) ids.push(await client.submit(piece));
  return ids;
}

describe('a message in pieces', () => {
  it.each([
    { order: 'in order', places: [0, 1, 2] },
    { order: 'the last one first', places: [2, 0, 1] },
  ])('is one message when all are there: $order', async ({ places }) => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const pieces = cut(['Hello ', 'dear ', 'world']);
    const ids = await submitAll(
      client,
      places.map((at) => pieces[at] as Submit),
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids.map((id) => pieceOf(id).number)).toEqual(places.map((at) => at + 1));
    expect(await account.messages()).toBe(1);
    expect(await wholeOf(ids[0] as string)).toMatchObject({
      text: 'Hello dear world',
      price: 1000,
    });
    expect(await account.credits()).toBe(999);
    expect(Number(await gatherings())).toBe(0);
  });

  it('may be sent all at once, many of them, over several sessions', async () => {
    const account = await smpp.account();
    const clients = [await smpp.client(account), await smpp.client(account)];
    const answers = Array.from({ length: 50 }, (_, nth) => {
      const to = { destinationAddr: String(61412000000 + nth) };
      return cut([`one ${nth} `, 'two ', 'three'], to, nth % 5).map((piece, at) =>
        (clients[(nth + at) % 2] as SmppClient).submit(piece),
      );
    });
    const ids = await Promise.all(answers.flat());
    expect(new Set(ids).size).toBe(150);
    expect(await account.messages()).toBe(50);
    expect(await wholeOf(ids[0] as string)).toMatchObject({ text: 'one 0 two three' });
  });

  it('may begin anew under the same reference as soon as it is whole', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    // A client that always counts 1: nobody waits for an answer.
    const all = [...cut(['a1', 'a2']), ...cut(['b1', 'b2']), ...cut(['c1', 'c2'])];
    const ids = await Promise.all(all.map((piece) => client.submit(piece)));
    const texts = await Promise.all(ids.map(async (id) => (await wholeOf(id)).text));
    expect(texts).toEqual(['a1a2', 'a1a2', 'b1b2', 'b1b2', 'c1c2', 'c1c2']);
  });

  it('is not given up for the next one under its reference while it is being accepted', async () => {
    const client = await smpp.client(await smpp.account());
    const [a1 = {}, a2 = {}] = cut(['a1', 'a2']);
    const [b1 = {}, b2 = {}] = cut(['b1', 'b2']);
    await client.submit(a1);
    const { storage } = smpp.world;
    const { write } = storage;
    let works = 0;
    // The second work accepts the whole: it waits for the next one's piece to be written, which must not come.
    storage.write = async (work) => {
      works += 1;
      if (works === 2) {
        const until = performance.now() + 300;
        await waitUntil('it is overtaken', () => works > 2 || performance.now() > until);
      }
      return write(work);
    };
    const ids = await Promise.all([a2, b1].map((piece) => client.submit(piece)));
    storage.write = write;
    ids.push(await client.submit(b2));
    const texts = await Promise.all(ids.map(async (id) => (await wholeOf(id)).text));
    expect(texts).toEqual(['a1a2', 'b1b2', 'b1b2']);
  });

  it('is joined before it is read: characters may be cut', async () => {
    const client = await smpp.client(await smpp.account());
    const [, gsm = ''] = await submitAll(client, cut(['a\x1b', '\x65b']));
    expect((await wholeOf(gsm)).text).toBe('a€b');
    const octets = encodeText('👍👍', 'ucs2');
    const halves = cut([octets.subarray(0, 2), octets.subarray(2)], { dataCoding: 8 });
    const [, ucs2 = ''] = await submitAll(client, halves);
    expect((await wholeOf(ucs2)).text).toBe('👍👍');
    const mixed = cut(['Hi ', encodeText('日本', 'ucs2')]);
    const [, both = ''] = await submitAll(client, [
      mixed[0] as Submit,
      { ...mixed[1], dataCoding: 8 },
    ]);
    expect((await wholeOf(both)).text).toBe('Hi 日本');
  });

  it('is known by its sar_* parameters as well, and by references of 16 bits', async () => {
    const client = await smpp.client(await smpp.account());
    const sar = (number: number, text: string): Submit => ({
      shortMessage: Buffer.from(text),
      tlvs: [
        numberTlv('sar_msg_ref_num', 0x1234),
        numberTlv('sar_total_segments', 2),
        numberTlv('sar_segment_seqnum', number),
      ],
    });
    const [, id = ''] = await submitAll(client, [sar(1, 'one '), sar(2, 'two')]);
    expect((await wholeOf(id)).text).toBe('one two');
    const wide = [1, 2].map((number): Submit => {
      const header = concatenationHeader({ reference: 0x1234, number, total: 2 }, 16);
      return { esmClass: 0x40, shortMessage: Buffer.concat([header, Buffer.from(`w${number}`)]) };
    });
    const [, other = ''] = await submitAll(client, wide);
    expect((await wholeOf(other)).text).toBe('w1w2');
  });

  it('has the times and the priority of its first piece', async () => {
    const client = await smpp.client(await smpp.account());
    const pieces = cut(['one ', 'two']);
    const [, id = ''] = await submitAll(client, [
      { ...pieces[1], priorityFlag: 0 },
      { ...pieces[0], priorityFlag: 2, scheduleDeliveryTime: '000000001000000R' },
    ]);
    expect(await wholeOf(id)).toMatchObject({
      priority: 2,
      scheduledAt: smpp.world.clock.now() + 10 * minute,
    });
  });

  it('takes a piece twice and answers it alike', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const [first = {}, second = {}] = cut(['one ', 'two']);
    const id = await client.submit(first);
    expect(await client.submit(first)).toBe(id);
    const last = await client.submit(second);
    expect(pieceOf(last).id).toBe(pieceOf(id).id);
    expect(await account.messages()).toBe(1);
  });

  it('takes a piece again when it was whole, and answers it alike, for free', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const pieces = cut(['one ', 'two ', 'three']);
    const ids = await submitAll(client, pieces);
    for (let round = 0; round < 2; round++) expect(await submitAll(client, pieces)).toEqual(ids);
    client.destroy();
    const again = await smpp.client(account);
    expect(await again.submit(pieces[2])).toBe(ids[2]);
    expect(await account.messages()).toBe(1);
    expect(await account.credits()).toBe(999);
    expect(Number(await gatherings())).toBe(0);
  });

  // Which pieces come, one after the other, and the texts that handsets are shown.
  it.each<[string, string, string[]]>([
    ['its last piece again, then another', 'A1 A2 A2 B1 B2', ['A1A2', 'B1B2']],
    ['all of its pieces again, then another', 'A1 A2 A1 A2 B1 B2', ['A1A2', 'B1B2']],
    ['two of its three again, then another', 'A1 A2 A3 A2 A3 B1 B2 B3', ['A1A2A3', 'B1B2B3']],
    ['its first piece again, then another', 'A1 A2 A1 B1 B2', ['A1A2', 'B1B2']],
    ['the last piece of either again', 'A1 A2 A2 B1 B2 B2 A1 A2', ['A1A2', 'A1A2', 'B1B2']],
    ['another that begins like it', 'A1 A2 A1 B2', ['A1A2', 'A1B2']],
    ['another of three that begins like it', 'A1 A2 A3 A1 A2 B3', ['A1A2A3', 'A1A2B3']],
    ['another that ends like it', 'A1 A2 B1 A2', ['A1A2', 'B1A2']],
    ['its last piece again, in another order', 'A2 A1 A1 B1 B2', ['A1A2', 'B1B2']],
  ])('is never mixed with the next under its reference: %s', async (_, come, shown) => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const total = shown[0]?.length === 4 ? 2 : 3;
    for (const text of come.split(' ')) {
      const texts = Array.from({ length: total }, () => text);
      await client.submit(cut(texts)[Number(text[1]) - 1]);
      // A client waits for a moment; the order in which they go out is the one in which they came.
      await smpp.world.clock.advance(1_000);
    }
    await smpp.world.clock.settle();
    expect(smpp.world.link.sent.map(({ text }) => text).toSorted()).toEqual(shown);
    expect(await account.credits()).toBe(1_000 - shown.length);
    expect(Number(await gatherings())).toBe(0);
  });

  it('is remembered for two minutes and no longer', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const pieces = cut(['one ', 'two']);
    const ids = await submitAll(client, pieces);
    await smpp.world.clock.advance(110_000);
    expect(await client.submit(pieces[1])).toBe(ids[1]);
    await smpp.world.clock.advance(21_000);
    expect(await database.query('select * from gatherings')).toEqual([]);
    const later = await submitAll(client, pieces);
    expect(later).not.toContain(ids[0]);
    expect(await account.messages()).toBe(2);
  });

  it('leaves no text behind but its own', async () => {
    const client = await smpp.client(await smpp.account());
    await submitAll(client, cut(['one ', 'two']));
    const [row] = await database.query<{ pieces: string; digests: string }>(
      'select pieces, digests from gatherings',
    );
    expect(row?.pieces).toBe('[]');
    expect(JSON.parse(row?.digests ?? '')).toEqual(
      [1, 2].map(() => expect.stringMatching(/^[\w-]{43}$/)),
    );
  });

  it('is another one under a reference of another kind, or of another credential', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    await smpp.world.gateway.owner.issueCredential(account.account.id, {
      dialect: 'smpp',
      kind: 'basic',
      username: 'second',
      secret: 'secret09',
    });
    const other = await smpp.client({ login: { systemId: 'second', password: 'secret09' } });
    const sar = ['s1', 's2'].map((text, at) => ({
      shortMessage: Buffer.from(text),
      tlvs: [
        numberTlv('sar_msg_ref_num', reference),
        numberTlv('sar_total_segments', 2),
        numberTlv('sar_segment_seqnum', at + 1),
      ],
    }));
    const ways = [
      { by: client, pieces: cut(['a1', 'a2']) },
      { by: client, pieces: cut(['b1', 'b2'], {}, reference, 16) },
      { by: client, pieces: sar },
      { by: other, pieces: cut(['c1', 'c2']) },
    ];
    const ids: string[] = [];
    for (const nth of [0, 1]) {
      for (const { by, pieces } of ways) ids.push(await by.submit(pieces[nth]));
    }
    const texts = await Promise.all(ids.slice(4).map(async (id) => (await wholeOf(id)).text));
    expect(texts).toEqual(['a1a2', 'b1b2', 's1s2', 'c1c2']);
  });

  it('may be cut within a character, and is refused where half of one is left over', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const octets = encodeText('日本', 'ucs2');
    const ucs2 = { dataCoding: 8, registeredDelivery: 1 };
    const even = cut([octets.subarray(0, 1), octets.subarray(1)], ucs2);
    const [, id = ''] = await submitAll(client, even);
    expect((await wholeOf(id)).text).toBe('日本');
    const odd = cut([octets, octets.subarray(1)], ucs2);
    const first = await client.submit(odd[0]);
    expect((await client.ask('submit_sm', odd[1])).status).toBe(statuses.ESME_RINVDCS);
    await client.hears(1);
    expect(client.texts()[0]).toMatch(new RegExp(`^id:${first} .*stat:REJECTD`));
    expect(await account.credits()).toBe(999);
  });

  it('of more pieces than allowed is refused at once', async () => {
    const client = await smpp.client(await smpp.account());
    const [piece = {}] = cut(Array.from({ length: 21 }, () => 'x'));
    expect((await client.ask('submit_sm', piece)).status).toBe(statuses.ESME_RINVMSGLEN);
  });

  it('is refused piece by piece where a piece can tell', async () => {
    const client = await smpp.client(await smpp.account());
    for (const piece of cut(['one ', 'two'], { sourceAddr: 'Bank' })) {
      expect((await client.ask('submit_sm', piece)).status).toBe(statuses.ESME_RINVSRCADR);
    }
    expect(Number(await gatherings())).toBe(0);
  });
});

describe('what becomes of pieces that were acknowledged', () => {
  const receipts = (client: SmppClient) =>
    client.texts().map((text) => text.replace(/ (sub|submit|done)[^:]*:\d+/g, ''));

  it('they survive the process, and the last one makes them whole', async () => {
    const account = await smpp.account();
    const [first = {}, second = {}, third = {}] = cut(['one ', 'two ', 'three']);
    const client = await smpp.client(account);
    const id = await client.submit(first);
    await client.submit(second);
    await smpp.close();
    smpp = await createSmppWorld({ database, node: 'another' });
    const again = await smpp.client(account);
    const last = await again.submit(third);
    expect(pieceOf(last).id).toBe(pieceOf(id).id);
    expect(await wholeOf(last)).toMatchObject({ text: 'one two three' });
  });

  it('each gets a receipt of the whole, as far as it asked for one', async () => {
    const client = await smpp.client(await smpp.account());
    const pieces = cut(['one ', 'two ', 'three']);
    const ids = await submitAll(client, [
      { ...pieces[0], registeredDelivery: 1 },
      { ...pieces[1], registeredDelivery: 0 },
      { ...pieces[2], registeredDelivery: 1 },
    ]);
    await smpp.world.clock.settle();
    await smpp.world.link.receipt('delivered', { at: smpp.world.clock.now() });
    await client.hears(2);
    const told = client.texts().map((text) => /^id:(\S+) .*stat:(\S+)/.exec(text)?.slice(1));
    expect(told).toEqual([
      [ids[0], 'DELIVRD'],
      [ids[2], 'DELIVRD'],
    ]);
  });

  it('when the others never come, they are told so, and nothing is charged', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const [first = {}, , third = {}] = cut(['one ', 'two ', 'three']);
    const ids = await submitAll(client, [first, third]);
    await smpp.world.clock.advance(11 * minute);
    await client.hears(2);
    expect(receipts(client)).toEqual(
      ids.map((id) => expect.stringMatching(`^id:${id} .*stat:EXPIRED err:204 text:one three$`)),
    );
    expect(await wholeOf(ids[0] as string)).toMatchObject({
      status: 'expired',
      errorDetail: '1 of 3 pieces never came.',
      price: 0,
    });
    expect(await account.credits()).toBe(1_000);
    expect(Number(await gatherings())).toBe(0);
  });

  it('when the last one comes while the others are being given up, it is whole', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const [first = {}, second = {}] = cut(['one ', 'two']);
    await client.submit(first);
    const { gatherings: read } = smpp.world.storage.read;
    const { overdue } = read;
    const old = await overdue(Number.MAX_SAFE_INTEGER, 9);
    expect(old).toHaveLength(1);
    const id = await client.submit(second);
    let asked = 0;
    read.overdue = async () => {
      asked += 1;
      return old;
    };
    await smpp.world.clock.advance(11_000);
    await waitUntil('it was tried', () => asked > 0);
    read.overdue = overdue;
    await smpp.world.clock.advance(11_000);
    expect(await wholeOf(id)).toMatchObject({ text: 'one two', price: 1000 });
    expect((await wholeOf(id)).status).not.toBe('expired');
    expect(await account.messages()).toBe(1);
    expect(smpp.world.log.lines.filter((line) => line.includes('sweep failed'))).toEqual([]);
  });

  it('when their reference is used anew before, likewise', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const [old = {}] = cut(['old ', 'never']);
    const [first = {}, second = {}] = cut(['new ', 'one']);
    const lost = await client.submit(old);
    const [, id = ''] = await submitAll(client, [first, second]);
    expect((await wholeOf(id)).text).toBe('new one');
    await smpp.world.clock.advance(11_000);
    await client.hears(1);
    expect(receipts(client)).toEqual([expect.stringMatching(`^id:${lost} .*stat:EXPIRED`)]);
  });

  it('when the whole is refused, the last one is, and the others are told', async () => {
    const account = await smpp.account({ credits: 0 });
    const client = await smpp.client(account);
    const [first = {}, second = {}] = cut(['one ', 'two']);
    const id = await client.submit(first);
    expect((await client.ask('submit_sm', second)).status).toBe(ownStatuses.NO_CREDIT);
    await client.hears(1);
    expect(receipts(client)).toEqual([expect.stringMatching(`^id:${id} .*stat:REJECTD err:210`)]);
    expect(await wholeOf(id)).toMatchObject({ status: 'rejected', error: 'insufficient_credit' });
    expect(Number(await gatherings())).toBe(0);
  });

  it('to who has opted out, likewise', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const number = '+61412345678' as Parameters<typeof smpp.world.gateway.optOut>[1];
    await smpp.world.gateway.optOut(await account.caller(), number);
    const [first = {}, second = {}] = cut(['one ', 'two']);
    const id = await client.submit(first);
    expect((await client.ask('submit_sm', second)).status).toBe(ownStatuses.OPTED_OUT);
    await client.hears(1);
    expect(receipts(client)).toEqual([expect.stringMatching(`^id:${id} .*stat:REJECTD`)]);
    expect(await account.messages()).toBe(1);
  });

  it('the last one can be sent again when the whole could not be written', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const [first = {}, second = {}] = cut(['one ', 'two']);
    const id = await client.submit(first);
    const { storage } = smpp.world;
    const { write } = storage;
    let refused = 0;
    // The piece is looked at, but nothing is accepted.
    storage.write = (work) =>
      write((tx) =>
        work({
          ...tx,
          messages: {
            ...tx.messages,
            insert: () => {
              refused += 1;
              return Promise.reject(new Error('the disk is full'));
            },
          },
        }),
      );
    expect((await client.ask('submit_sm', second)).status).toBe(statuses.ESME_RSYSERR);
    expect(refused).toBeGreaterThan(0);
    storage.write = write;
    const last = await client.submit(second);
    expect(pieceOf(last).id).toBe(pieceOf(id).id);
    expect(await account.messages()).toBe(1);
    expect(await account.credits()).toBe(999);
  });

  it('the same last one over two sessions makes one message', async () => {
    const account = await smpp.account();
    const [one, two] = [await smpp.client(account), await smpp.client(account)];
    const [first = {}, second = {}] = cut(['one ', 'two']);
    await one.submit(first);
    const answers = await Promise.all([one.ask('submit_sm', second), two.ask('submit_sm', second)]);
    expect(answers.map(({ status }) => status)).toEqual([0, 0]);
    expect(await account.messages()).toBe(1);
    expect(await account.credits()).toBe(999);
  });

  it('are looked up while they wait, and after', async () => {
    const client = await smpp.client(await smpp.account());
    const [first = {}, second = {}] = cut(['one ', 'two']);
    const messageId = await client.submit(first);
    const state = async () => {
      const answer = await client.ask('query_sm', { messageId });
      return answer.command === 'query_sm_resp' && [answer.status, answer.messageState];
    };
    expect(await state()).toEqual([0, 1]);
    await client.submit(second);
    await smpp.world.clock.settle();
    await smpp.world.link.receipt('delivered', { at: smpp.world.clock.now() });
    expect(await state()).toEqual([0, 2]);
    const foreign = await smpp.client(await smpp.account());
    const answer = await foreign.ask('query_sm', { messageId });
    expect(answer.status).toBe(statuses.ESME_RQUERYFAIL);
  });

  it('of an account that leaves too many incomplete are refused', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const { id: accountId } = account.account;
    const { ids, clock, storage } = smpp.world;
    await storage.write((tx) =>
      tx.gatherings.insert(
        Array.from({ length: 10_000 }, (_, at) => ({
          accountId,
          key: `left ${at}`,
          id: ids.next(),
          total: 2,
          pieces: [],
          createdAt: clock.now(),
          doneAt: null,
          digests: [],
        })),
      ),
    );
    const [first = {}] = cut(['one ', 'two']);
    expect((await client.ask('submit_sm', first)).status).toBe(statuses.ESME_RMSGQFUL);
    await waitUntil('whole messages go on', async () => (await client.submit()) !== '');
  });
});

it('an id of a piece holds all that is needed to find it', () => {
  const id = writeId(
    { kind: 'piece', id: '019a2b3c-4d5e-7f60-8123-456789abcdef' as never, number: 7 },
    'hex',
  );
  expect(pieceOf(id)).toMatchObject({ number: 7 });
});
