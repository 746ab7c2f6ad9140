import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SmppClient } from '../../test/support/smpp-client.ts';
import type { SmppWorld } from '../../test/support/smpp-world.ts';
import { createSmppWorld } from '../../test/support/smpp-world.ts';
import type { TestDatabase } from '../../test/support/storage.ts';
import { createTestDatabase } from '../../test/support/storage.ts';
import { submitText } from '../../test/support/submit.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { Notification } from '../core/notifications/notification.ts';
import type { ReceiptNews } from '../core/ports/transport.ts';
import type { PduOf } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { findTlv, numberTlv, tlvNumber, tlvText } from '../smpp/codec/tlv.ts';
import { readUserData } from '../smpp/user-data.ts';
import { decodeText } from '../text/alphabets.ts';

type Account = Awaited<ReturnType<SmppWorld['account']>>;
type DeliverSm = PduOf<'deliver_sm'>;

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

const number = '61400000010';
const senders = ['CompanyABC', { address: number, kind: 'dedicated' }] as const;

/** The network says what became of everything that was sent and not told of yet. */
async function receipts(status: ReceiptNews['status'] = 'delivered', detail: string | null = null) {
  const { link, clock, gateway } = smpp.world;
  await clock.settle();
  for (const part of link.sent.splice(0)) {
    await gateway.receipt({
      linkId: link.id,
      upstreamId: part.upstreamId as string,
      status,
      detail,
      at: clock.now(),
    });
  }
}
const reply = (text: string, to = number) =>
  smpp.world.link.reply('+61412345678', to, text, smpp.world.clock.now());
const outbox = ({ account }: Account): Promise<Notification[]> =>
  smpp.world.storage.read.notifications.list(account.id, { limit: 1_000, offset: 0 });
const statesOf = async (account: Account) => (await outbox(account)).map(({ status }) => status);
const becomes = (account: Account, states: Notification['status'][]) =>
  waitUntil(states.join(), async () => String(await statesOf(account)) === String(states));

function only(client: SmppClient): DeliverSm {
  expect(client.delivered).toHaveLength(1);
  return client.delivered[0] as DeliverSm;
}

describe('a receipt', () => {
  it('tells what became of a message, in words and parameters', async () => {
    const client = await smpp.client(await smpp.account());
    const id = await client.submit({
      shortMessage: Buffer.from('Hello, this is a long enough text'),
      tlvs: [numberTlv('user_message_reference', 0x1234)],
    });
    await smpp.world.clock.advance(61_000);
    await receipts();
    await client.hears(1);
    const pdu = only(client);
    expect(pdu).toMatchObject({
      esmClass: 0x04,
      dataCoding: 0,
      sourceAddrTon: 1,
      sourceAddrNpi: 1,
      sourceAddr: '61412345678',
      destAddrTon: 5,
      destAddrNpi: 0,
      destinationAddr: 'CompanyABC',
    });
    expect(pdu.shortMessage.toString()).toBe(
      `id:${id} sub:001 dlvrd:001 submit date:2603010000 done date:2603010001 stat:DELIVRD err:000 text:Hello, this is a lon`,
    );
    expect(tlvText(pdu.tlvs, 'receipted_message_id')).toBe(id);
    expect(tlvNumber(pdu.tlvs, 'message_state')).toBe(2);
    expect(tlvNumber(pdu.tlvs, 'user_message_reference')).toBe(0x1234);
    expect(findTlv(pdu.tlvs, 'network_error_code')).toBeUndefined();
  });

  it.each<[ReceiptNews['status'], string | null, string, number, string, string | undefined]>([
    ['delivered', null, 'DELIVRD', 2, '000', undefined],
    ['failed', null, 'UNDELIV', 5, '200', undefined],
    ['failed', 'UNDELIV err:045', 'UNDELIV', 5, '045', '03002d'],
    ['expired', 'EXPIRED err:255', 'EXPIRED', 3, '255', '0300ff'],
    ['rejected', 'no such number', 'REJECTD', 8, '201', undefined],
  ])('of %s (%s) has stat %s', async (status, detail, stat, state, err, network) => {
    const client = await smpp.client(await smpp.account());
    await client.submit();
    await receipts(status, detail);
    await client.hears(1);
    const { shortMessage, tlvs } = only(client);
    expect(shortMessage.toString()).toContain(` stat:${stat} err:${err} `);
    expect(tlvNumber(tlvs, 'message_state')).toBe(state);
    expect(findTlv(tlvs, 'network_error_code')?.toString('hex')).toBe(network);
  });

  it('of what never left is told as well', async () => {
    const client = await smpp.client(await smpp.account());
    smpp.world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'no' });
    await client.submit();
    await client.hears(1);
    expect(client.texts()[0]).toContain(' stat:REJECTD err:202 ');
  });

  it.each<[number, { delivered: string[]; failed: string[] }]>([
    [0, { delivered: [], failed: [] }],
    [1, { delivered: ['DELIVRD'], failed: ['UNDELIV'] }],
    [2, { delivered: [], failed: ['UNDELIV'] }],
    [3, { delivered: ['DELIVRD'], failed: [] }],
    [0x11, { delivered: ['ENROUTE', 'DELIVRD'], failed: ['ENROUTE', 'UNDELIV'] }],
    [0x10, { delivered: ['ENROUTE'], failed: ['ENROUTE'] }],
    [0x0c, { delivered: [], failed: [] }],
  ])('is told as registered_delivery %d asks for it', async (registeredDelivery, wanted) => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    for (const status of ['delivered', 'failed'] as const) {
      client.delivered.length = 0;
      await client.submit({ registeredDelivery });
      await receipts(status);
      await client.hears(wanted[status].length);
      await becomes(
        account,
        (await outbox(account)).map(() => 'delivered'),
      );
      const stats = client.texts().map((text) => /stat:(\w+)/.exec(text)?.[1]);
      expect(stats).toEqual(wanted[status]);
      const classes = client.delivered.map(({ esmClass }) => esmClass);
      expect(classes).toEqual(wanted[status].map((stat) => (stat === 'ENROUTE' ? 0x20 : 0x04)));
    }
  });

  it('of each destination of a submit_multi bears the one id', async () => {
    const client = await smpp.client(await smpp.account());
    const numbers = ['61412000001', '61412000002'];
    const answer = await client.ask('submit_multi', {
      destinations: numbers.map((destinationAddr) => ({
        kind: 'address' as const,
        destAddrTon: 1,
        destAddrNpi: 1,
        destinationAddr,
      })),
    });
    if (answer.command !== 'submit_multi_resp') throw new Error(answer.command);
    await receipts();
    await client.hears(2);
    expect(client.delivered.map(({ sourceAddr }) => sourceAddr).toSorted()).toEqual(numbers);
    for (const text of client.texts()) expect(text).toMatch(`id:${answer.messageId} `);
  });

  it('has the id in the form in which it was told, whoever hears it', async () => {
    const account = await smpp.account({ credential: { messageIds: 'decimal' } });
    const client = await smpp.client(account, 'bind_transmitter');
    const id = await client.submit();
    const { credential, secret } = await smpp.world.gateway.owner.issueCredential(
      account.account.id,
      { dialect: 'smpp', kind: 'basic', username: `other-${account.login.systemId}`, secret: 'x' },
    );
    const login = { systemId: credential.lookup, password: secret };
    const other = await smpp.client({ login }, 'bind_receiver');
    await receipts();
    await other.hears(1);
    expect(other.texts()[0]).toMatch(`id:${id} `);
    expect(id).toMatch(/^\d{37}$/);
  });

  it('to an older client has no optional parameters', async () => {
    const { login } = await smpp.account();
    const client = await SmppClient.open(smpp.url);
    await client.bind({ ...login, interfaceVersion: 0x33 });
    await client.submit();
    await receipts();
    await client.hears(1);
    expect(only(client).tlvs).toEqual([]);
    client.destroy();
  });

  it('of a message that came by HTTP is not told here', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const { destination } = await submitText(smpp.world, account);
    await receipts();
    const { link, clock } = smpp.world;
    await link.reply(destination, 'CompanyABC', 'a reply', clock.now());
    await client.hears(1);
    expect(client.texts()).toEqual(['a reply']);
  });
});

describe('a reply', () => {
  const joined = (client: SmppClient, alphabet: 'gsm7' | 'latin1' | 'ucs2') =>
    decodeText(Buffer.concat(client.delivered.map((pdu) => readUserData(pdu).payload)), alphabet);

  it.each([
    ['GSM', 'Yes, 5 €', 'gsm7', 0],
    ['UCS-2', 'はい 👍', 'ucs2', 8],
  ] as const)('is given in %s', async (_, text, alphabet, dataCoding) => {
    const client = await smpp.client(await smpp.account({ senders }), 'bind_receiver');
    await reply(text);
    await client.hears(1);
    expect(only(client)).toMatchObject({
      esmClass: 0,
      dataCoding,
      sourceAddrTon: 1,
      sourceAddrNpi: 1,
      sourceAddr: '61412345678',
      destAddrTon: 1,
      destAddrNpi: 1,
      destinationAddr: number,
      tlvs: [],
    });
    expect(decodeText(only(client).shortMessage, alphabet)).toBe(text);
  });

  it.each([
    ['GSM', 'Grüße, world. '.repeat(20), 'gsm7', 2, 0],
    ['UCS-2', 'こんにちは世界 '.repeat(20), 'ucs2', 3, 8],
  ] as const)('that is long is cut, in %s', async (_, text, alphabet, parts, dataCoding) => {
    const account = await smpp.account({ senders });
    const client = await smpp.client(account);
    await reply(text);
    await client.hears(parts);
    const places = client.delivered.map((pdu) => readUserData(pdu).concatenation);
    const reference = places[0]?.reference;
    expect(places).toEqual(
      Array.from({ length: parts }, (__, at) => ({ reference, number: at + 1, total: parts })),
    );
    for (const pdu of client.delivered) {
      expect(pdu).toMatchObject({ esmClass: 0x40, dataCoding });
    }
    expect(joined(client, alphabet)).toBe(text);
    await becomes(
      account,
      Array.from({ length: parts }, () => 'delivered'),
    );
  });

  it('that is long is whole in message_payload where the account wants it so', async () => {
    const account = await smpp.account({ senders, settings: { longReplies: 'payload' } });
    const client = await smpp.client(account);
    const text = 'Hello, world. '.repeat(30);
    await reply(text);
    await client.hears(1);
    expect(only(client).shortMessage).toHaveLength(0);
    expect(findTlv(only(client).tlvs, 'message_payload')?.toString()).toBe(text);
  });

  it.each([
    ['Latin-1', 'Grüße, 5 £', 0, 'latin1'],
    ['UCS-2 for what Latin-1 has not', 'Grüße, 5 €', 8, 'ucs2'],
  ] as const)('is given in %s where the account reads that', async (_, text, coding, alphabet) => {
    const account = await smpp.account({ senders, settings: { alphabet: 'latin1' } });
    const client = await smpp.client(account);
    await reply(text);
    await client.hears(1);
    expect(only(client).dataCoding).toBe(coding);
    expect(decodeText(only(client).shortMessage, alphabet)).toBe(text);
  });

  it('that was cut before the settings changed is given whole, once', async () => {
    const account = await smpp.account({ senders });
    const text = 'Hello, world. '.repeat(30);
    const listening = await smpp.client(account);
    await listening.unbind();
    await reply(text);
    await smpp.world.gateway.owner.updateAccount({
      ...account.account,
      settings: { smpp: { longReplies: 'payload' } },
    });
    const client = await smpp.client(account);
    await becomes(account, ['failed', 'failed', 'delivered']);
    expect(findTlv(only(client).tlvs, 'message_payload')?.toString()).toBe(text);
  });

  it('to an alphanumeric sender or a short code has their types', async () => {
    const account = await smpp.account({
      senders: ['CompanyABC', { address: '12345', kind: 'dedicated' }],
    });
    const client = await smpp.client(account);
    await client.submit();
    await smpp.world.clock.settle();
    await reply('one', 'CompanyABC');
    await reply('two', '12345');
    await client.hears(2);
    expect(client.delivered).toMatchObject([
      { destAddrTon: 5, destAddrNpi: 0, destinationAddr: 'CompanyABC' },
      { destAddrTon: 3, destAddrNpi: 0, destinationAddr: '12345' },
    ]);
  });

  it('goes to the account that owns the number, and to no other', async () => {
    const other = await smpp.client(await smpp.account());
    const client = await smpp.client(await smpp.account({ senders }));
    await reply('mine');
    await client.hears(1);
    expect(other.delivered).toEqual([]);
  });
});

describe('what there is to tell', () => {
  it('waits while nobody is bound, also over a restart, and is not claimed', async () => {
    const account = await smpp.account({ senders });
    const transmitter = await smpp.client(account, 'bind_transmitter');
    const ids = [await transmitter.submit(), await transmitter.submit()];
    await receipts();
    await reply('hello');
    await smpp.world.clock.advance(120_000);
    const waiting = await outbox(account);
    expect(waiting).toHaveLength(3);
    for (const one of waiting) {
      expect(one).toMatchObject({ via: 'session', status: 'pending', attempts: 0, lockedBy: null });
    }
    await smpp.close();
    smpp = await createSmppWorld({ database, node: 'after', clock: smpp.world.clock });
    const client = await smpp.client(account, 'bind_receiver');
    await client.hears(3);
    expect(client.texts().map((text) => /^(?:id:(\S+))?/.exec(text)?.[1])).toEqual([
      ...ids,
      undefined,
    ]);
    await becomes(account, ['delivered', 'delivered', 'delivered']);
    const after = await smpp.client(account, 'bind_receiver');
    await smpp.world.clock.advance(5_000);
    expect(after.delivered).toEqual([]);
  });

  it('before the first bind ever waits as well', async () => {
    const account = await smpp.account({ senders });
    await smpp.world.gateway.owner.listenOverSessions(account.account.id, 'smpp');
    await reply('early');
    const client = await smpp.client(account);
    await client.hears(1);
  });

  it('is told in order, by any session that may hear it', async () => {
    const account = await smpp.account({ senders });
    const transmitter = await smpp.client(account, 'bind_transmitter');
    for (let at = 0; at < 30; at++) await reply(`reply ${at}`);
    const receiver = await smpp.client(account, 'bind_receiver');
    await receiver.hears(30);
    expect(receiver.texts()).toEqual(Array.from({ length: 30 }, (_, at) => `reply ${at}`));
    const transceiver = await smpp.client(account);
    for (let at = 0; at < 40; at++) await reply(`more ${at}`);
    await waitUntil('all are told', () => {
      return receiver.delivered.length + transceiver.delivered.length === 70;
    });
    expect(transmitter.delivered).toEqual([]);
    expect(new Set([...receiver.texts(), ...transceiver.texts()]).size).toBe(70);
  });

  it('leaves no more unanswered than the window', async () => {
    const account = await smpp.account({ senders });
    const client = await smpp.client(account);
    const unanswered: DeliverSm[] = [];
    client.onDelivery = (pdu) => {
      unanswered.push(pdu);
      return null;
    };
    for (let at = 0; at < 25; at++) await reply(`reply ${at}`);
    await client.hears(10);
    await smpp.world.clock.advance(5_000);
    expect(client.delivered).toHaveLength(10);
    const claimed = (await outbox(account)).filter(({ lockedBy }) => lockedBy !== null);
    expect(claimed).toHaveLength(10);
  });

  it('is told again when the client says no for now, later each time', async () => {
    const account = await smpp.account({ senders });
    const client = await smpp.client(account);
    client.onDelivery = () => statuses.ESME_RX_T_APPN;
    await reply('hello');
    await client.hears(1);
    for (const [count, wait] of [
      [2, 2_000],
      [3, 6_000],
      [4, 31_000],
    ] as const) {
      await smpp.world.clock.advance(wait);
      await client.hears(count);
    }
    client.onDelivery = () => 0;
    await smpp.world.clock.advance(121_000);
    await becomes(account, ['delivered']);
    expect(client.delivered).toHaveLength(5);
    const [one] = await outbox(account);
    const tries = await smpp.world.storage.read.notifications.attempts(one?.id as never);
    expect(tries.map(({ status, detail }) => [status, detail])).toEqual([
      ...Array.from({ length: 4 }, () => [0x64, 'ESME_RX_T_APPN']),
      [0, null],
    ]);
  });

  it.each([statuses.ESME_RX_P_APPN, statuses.ESME_RX_R_APPN])(
    'is given up when the client says no for good (%d)',
    async (status) => {
      const account = await smpp.account({ senders });
      const client = await smpp.client(account);
      client.onDelivery = () => status;
      await reply('hello');
      await becomes(account, ['failed']);
    },
  );

  it('rests with a client that can take nothing, and goes on after it', async () => {
    const account = await smpp.account({ senders });
    const client = await smpp.client(account);
    client.onDelivery = () => statuses.ESME_RMSGQFUL;
    for (let at = 0; at < 100; at++) await reply(`reply ${at}`);
    await smpp.world.clock.advance(10_000);
    // Of 100 that wait, far from all were tried.
    expect(client.delivered.length).toBeLessThan(60);
    client.onDelivery = () => 0;
    client.delivered.length = 0;
    for (let at = 0; at < 40; at++) await smpp.world.clock.advance(5_000);
    await becomes(
      account,
      Array.from({ length: 100 }, () => 'delivered'),
    );
    expect(client.delivered).toHaveLength(100);
  });

  it('is told again when no answer came in time; a late one counts', async () => {
    const account = await smpp.account({ senders });
    const client = await smpp.client(account);
    client.onDelivery = () => null;
    await reply('silent');
    await client.hears(1);
    await smpp.world.clock.advance(31_000);
    await client.ask('enquire_link');
    await smpp.world.clock.advance(3_000);
    await client.hears(2);
    expect(client.texts()).toEqual(['silent', 'silent']);
    const late = client.delivered[0] as DeliverSm;
    client.answer(late, 0);
    await becomes(account, ['delivered']);
  });

  it('is told to another session at once when the connection ends before the answer', async () => {
    const account = await smpp.account({ senders });
    const first = await smpp.client(account);
    first.onDelivery = () => null;
    await reply('hello');
    await first.hears(1);
    const second = await smpp.client(account);
    first.destroy();
    await second.hears(1);
    await becomes(account, ['delivered']);
    expect((await outbox(account))[0]?.attempts).toBe(2);
  });

  it('is not told to a client that has unbound and waits for its answers', async () => {
    const account = await smpp.account({ senders });
    const client = await smpp.client(account);
    const { storage } = smpp.world;
    const { write } = storage;
    let go = (): void => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let asked = 0;
    storage.write = async (work) => {
      asked += 1;
      await held;
      return write(work);
    };
    const answer = client.ask('submit_sm');
    await waitUntil('it is being written', () => asked > 0);
    const over = client.unbind();
    storage.write = write;
    await waitUntil('the unbind is read', async () => {
      await reply('too late');
      await smpp.world.clock.settle();
      return (await outbox(account)).length > 3;
    });
    for (const one of await outbox(account)) expect(one.attempts).toBeLessThan(2);
    go();
    expect((await answer).status).toBe(0);
    await over;
    const next = await smpp.client(account);
    await becomes(
      account,
      (await outbox(account)).map(() => 'delivered'),
    );
    expect(client.delivered.length + next.delivered.length).toBe((await outbox(account)).length);
  });

  it('is given up after its time, whether anybody is bound or not', async () => {
    await smpp.close();
    smpp = await createSmppWorld({ database, node: 'ttl', smpp: { keepMs: 600_000 } });
    const away = await smpp.account({ senders });
    await (await smpp.client(away)).unbind();
    await reply('to nobody');
    const busy = await smpp.account({ senders: [{ address: '61400000011', kind: 'dedicated' }] });
    const client = await smpp.client(busy);
    client.onDelivery = () => statuses.ESME_RX_T_APPN;
    await reply('to somebody', '61400000011');
    for (let minutes = 0; minutes < 12; minutes++) {
      await smpp.world.clock.advance(60_000);
      await client.ask('enquire_link');
    }
    await becomes(away, ['failed']);
    await becomes(busy, ['failed']);
    const late = await smpp.client(away);
    await smpp.world.clock.advance(5_000);
    expect(late.delivered).toEqual([]);
  });

  it('does not hold up webhooks, nor do they take it', async () => {
    await smpp.close();
    smpp = await createSmppWorld({ database, node: 'webhooks', notify: true });
    const account = await smpp.account({ senders });
    await (await smpp.client(account)).unbind();
    for (let at = 0; at < 300; at++) await reply(`waits ${at}`);
    await smpp.world.clock.advance(10_000);
    for (const one of await outbox(account)) {
      expect(one).toMatchObject({ status: 'pending', attempts: 0, lockedBy: null });
    }
    const client = await smpp.client(account);
    await client.hears(300);
  });
});
