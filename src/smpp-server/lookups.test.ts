import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SmppClient } from '../../test/support/smpp-client.ts';
import type { SmppWorld } from '../../test/support/smpp-world.ts';
import { createSmppWorld } from '../../test/support/smpp-world.ts';
import type { AccountId } from '../core/ids.ts';
import type { ReceiptNews } from '../core/ports/transport.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { formatAbsoluteTime } from '../smpp/codec/time.ts';
import { readId } from './message-ids.ts';

let smpp: SmppWorld;
let client: SmppClient;
let accountId: AccountId;
beforeEach(async () => {
  smpp = await createSmppWorld();
  const account = await smpp.account();
  accountId = account.account.id;
  client = await smpp.client(account);
});
afterEach(() => smpp.close());

const later = { scheduleDeliveryTime: '000000001000000R' };
const address = (destinationAddr: string) =>
  ({ kind: 'address', destAddrTon: 1, destAddrNpi: 1, destinationAddr }) as const;

/** A submit_multi of so many; its id. */
async function submitMulti(to: readonly string[], more = {}): Promise<string> {
  const destinations = to.map(address);
  const answer = await client.ask('submit_multi', { ...more, destinations });
  if (answer.command !== 'submit_multi_resp' || answer.status !== 0) throw new Error('refused');
  return answer.messageId;
}
function messageIdOf(id: string) {
  const named = readId(id);
  if (!named) throw new Error(`no id: ${id}`);
  return named.id;
}
/** An id of a submit_multi that says another number of messages. */
const claiming = (id: string, count: number) => id.slice(0, 34) + hex(count);
const hex = (octet: number) => octet.toString(16).padStart(2, '0');

describe('query_sm', () => {
  const query = (messageId: string, sourceAddr = 'CompanyABC') =>
    client.ask('query_sm', { messageId, sourceAddr });

  it.each<[ReceiptNews['status'], number]>([
    ['delivered', 2],
    ['expired', 3],
    ['failed', 5],
    ['rejected', 8],
  ])('says what became of a message: %s', async (status, messageState) => {
    const id = await client.submit();
    expect(await query(id)).toMatchObject({
      command: 'query_sm_resp',
      status: 0,
      messageId: id,
      messageState: 1,
      finalDate: '',
      errorCode: 0,
    });
    await smpp.world.clock.advance(5_000);
    const at = smpp.world.clock.now();
    await smpp.world.link.receipt(status, { at });
    expect(await query(id)).toMatchObject({
      status: 0,
      messageState,
      finalDate: formatAbsoluteTime(at),
    });
  });

  it('of a submit_multi says what tells most', async () => {
    const answer = await client.ask('submit_multi', {
      destinations: [address('61412000001'), address('61412000002')],
    });
    if (answer.command !== 'submit_multi_resp') throw new Error(answer.command);
    const { link, clock } = smpp.world;
    await clock.settle();
    const state = async () => {
      const found = await query(answer.messageId);
      return found.command === 'query_sm_resp' && found.messageState;
    };
    const [one, two] = link.sent;
    await link.receipt('delivered', { part: one, at: clock.now() });
    expect(await state()).toBe(1);
    await link.receipt('failed', { part: two, at: clock.now() });
    expect(await state()).toBe(5);
  });

  it('of a submit_multi finds those that were taken, the first or others', async () => {
    const id = await submitMulti(['1', '61412000001', '61412000002']);
    expect(await query(id)).toMatchObject({ status: 0, messageState: 1 });
  });

  it('believes no id that says another number of messages than there were', async () => {
    const id = await submitMulti(['61412000001', '61412000002']);
    const { read } = smpp.world.storage;
    const { find } = read.messages;
    const looked: number[] = [];
    read.messages.find = (account, ids) => {
      looked.push(ids.length);
      return find(account, ids);
    };
    for (const count of [1, 3, 254]) {
      expect((await query(claiming(id, count))).status).toBe(statuses.ESME_RQUERYFAIL);
    }
    expect(looked.every((count) => count <= 1)).toBe(true);
    expect((await query(claiming(id, 255))).status).toBe(statuses.ESME_RINVMSGID);
    const plain = await client.submit();
    expect((await query(`${plain.slice(0, 24)}00${plain.slice(26)}02fe`)).status).toBe(
      statuses.ESME_RQUERYFAIL,
    );
  });

  it('of a client that asks for many at once is done few by few, and each is answered', async () => {
    const id = await submitMulti(['61412000001', '61412000002']);
    const { read } = smpp.world.storage;
    const { find } = read.messages;
    let open = 0;
    let most = 0;
    read.messages.find = async (account, ids) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      open -= 1;
      return find(account, ids);
    };
    const answers = await Promise.all(Array.from({ length: 300 }, () => query(id)));
    expect(answers.every(({ status }) => status === 0)).toBe(true);
    expect(most).toBeLessThanOrEqual(4);
  });

  it.each([
    ['an id of nobody', '019a2b3c4d5e7f608123456789abcdef', statuses.ESME_RQUERYFAIL],
    ['what is no id', 'abc', statuses.ESME_RINVMSGID],
    ['an id as long as the wire lets it', 'f'.repeat(64), statuses.ESME_RINVMSGID],
  ])('refuses %s', async (_, id, status) => {
    expect((await query(id)).status).toBe(status);
  });

  it('refuses another source, and other accounts', async () => {
    const id = await client.submit();
    expect((await query(id, 'Mobile MSG')).status).toBe(statuses.ESME_RQUERYFAIL);
    expect((await query(id, '')).status).toBe(0);
    const other = await smpp.client(await smpp.account());
    const answer = await other.ask('query_sm', { messageId: id });
    expect(answer.status).toBe(statuses.ESME_RQUERYFAIL);
  });
});

describe('cancel_sm', () => {
  const state = async (messageId: string) => {
    const answer = await client.ask('query_sm', { messageId });
    return answer.command === 'query_sm_resp' && answer.messageState;
  };

  it('takes back what waits for its time, and says so in a receipt', async () => {
    const messageId = await client.submit(later);
    expect(await client.ask('cancel_sm', { messageId })).toMatchObject({
      command: 'cancel_sm_resp',
      status: 0,
    });
    expect(await state(messageId)).toBe(4);
    await client.hears(1);
    expect(client.texts()[0]).toMatch(new RegExp(`^id:${messageId} .* stat:DELETED err:000`));
    expect((await client.ask('cancel_sm', { messageId })).status).toBe(statuses.ESME_RCANCELFAIL);
  });

  it('takes back all of a submit_multi', async () => {
    const account = await smpp.account();
    const other = await smpp.client(account);
    const answer = await other.ask('submit_multi', {
      ...later,
      destinations: [address('61412000001'), address('61412000002')],
    });
    if (answer.command !== 'submit_multi_resp') throw new Error(answer.command);
    expect(await account.credits()).toBe(998);
    const { messageId } = answer;
    expect((await other.ask('cancel_sm', { messageId })).status).toBe(0);
    expect(await account.credits()).toBe(1_000);
  });

  it('without an id takes back what is from there, however much else waits for the same number', async () => {
    const id = await client.submit(later);
    const { clock, ids, storage } = smpp.world;
    const [mine] = await storage.read.messages.find(accountId, [messageIdOf(id)]);
    if (!mine) throw new Error('it is gone');
    await clock.advance(1_000);
    await storage.write((tx) =>
      tx.messages.insert(
        Array.from({ length: 1_000 }, () => ({ ...mine, id: ids.next(), sender: 'Mobile MSG' })),
      ),
    );
    const answer = await client.ask('cancel_sm', {
      destAddrTon: 1,
      destAddrNpi: 1,
      destinationAddr: '61412345678',
    });
    expect(answer.status).toBe(0);
    expect(await state(id)).toBe(4);
  });

  it('without an id takes back all from one address to another', async () => {
    const ids = [await client.submit(later), await client.submit(later)];
    const elsewhere = await client.submit({ ...later, destinationAddr: '61412000009' });
    const fromOther = await client.submit({ ...later, sourceAddr: 'Mobile MSG' });
    const answer = await client.ask('cancel_sm', {
      destAddrTon: 1,
      destAddrNpi: 1,
      destinationAddr: '61412345678',
    });
    expect(answer.status).toBe(0);
    expect(await Promise.all(ids.map(state))).toEqual([4, 4]);
    expect(await state(elsewhere)).toBe(1);
    const kept = await client.ask('query_sm', { messageId: fromOther, sourceAddr: '' });
    expect(kept).toMatchObject({ messageState: 1 });
  });

  it('refuses what has gone, what is another’s, and what is no id', async () => {
    const gone = await client.submit();
    await smpp.world.clock.settle();
    const foreign = await (await smpp.client(await smpp.account())).submit(later);
    const status = async (messageId: string) =>
      (await client.ask('cancel_sm', { messageId })).status;
    expect(await status(gone)).toBe(statuses.ESME_RCANCELFAIL);
    expect(await status(foreign)).toBe(statuses.ESME_RCANCELFAIL);
    expect(await status('abc')).toBe(statuses.ESME_RINVMSGID);
    expect((await client.ask('cancel_sm')).status).toBe(statuses.ESME_RCANCELFAIL);
  });
});

describe('what is looked up', () => {
  it.each<[string, number, (id: string, multi: string) => ['query_sm' | 'cancel_sm', object]]>([
    ['query_sm', 1, (messageId) => ['query_sm', { messageId }]],
    ['query_sm of a submit_multi', 3, (_, messageId) => ['query_sm', { messageId }]],
    ['cancel_sm', 1, (messageId) => ['cancel_sm', { messageId }]],
    ['cancel_sm of a submit_multi', 3, (_, messageId) => ['cancel_sm', { messageId }]],
    [
      'cancel_sm of all that waits for a number',
      2,
      () => ['cancel_sm', { destAddrTon: 1, destAddrNpi: 1, destinationAddr: '61412345678' }],
    ],
  ])('counts as messages do: %s', async (_, count, asked) => {
    client = await smpp.client(await smpp.account({ credential: { throughput: 10 } }));
    const ids = [await client.submit(later), await client.submit(later)];
    const multi = await submitMulti(['61412000001', '61412000002', '61412000003'], later);
    await smpp.world.clock.advance(2_000);
    const [command, fields] = asked(ids[0] as string, multi);
    expect((await client.ask(command, fields)).status).toBe(0);
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.ask('submit_sm')));
    expect(answers.filter(({ status }) => status === 0)).toHaveLength(10 - count);
    expect((await client.ask(command, fields)).status).toBe(statuses.ESME_RTHROTTLED);
  });
});
