import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storedMessage } from '../../test/support/submit.ts';
import type { SmppClient } from '../../test/support/smpp-client.ts';
import type { SmppWorld } from '../../test/support/smpp-world.ts';
import { createSmppWorld } from '../../test/support/smpp-world.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { withShortensAlways } from '../core/links/always.ts';
import { fromCredits } from '../core/money.ts';
import type { PduOf } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { formatAbsoluteTime } from '../smpp/codec/time.ts';
import { numberTlv, octetsTlv } from '../smpp/codec/tlv.ts';
import type { Country } from '../text/phone-number.ts';
import { encodeText } from '../text/alphabets.ts';
import { readId } from './message-ids.ts';
import { ownStatuses } from './statuses.ts';

type Submit = Partial<PduOf<'submit_sm'>>;

let smpp: SmppWorld;
beforeEach(async () => {
  smpp = await createSmppWorld();
});
afterEach(() => smpp.close());

const idOf = (messageId: string) => {
  const named = readId(messageId);
  if (!named) throw new Error(`no id: ${messageId}`);
  return named;
};
const stored = (messageId: string) => storedMessage(smpp.world, idOf(messageId));
const minute = 60_000;

async function bound(wish: Parameters<SmppWorld['account']>[0] = {}): Promise<SmppClient> {
  return smpp.client(await smpp.account(wish));
}

describe('a submit_sm', () => {
  it('is answered with an id under which it is on disk, and goes out', async () => {
    const client = await bound();
    const id = await client.submit();
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await stored(id)).toMatchObject({ text: 'Hello', channel: 'smpp', price: 1000 });
    await smpp.world.clock.settle();
    expect(smpp.world.link.sent).toMatchObject([
      { text: 'Hello', sender: 'CompanyABC', destination: '+61412345678' },
    ]);
  });

  it('has short links where its account has them always', async () => {
    const account = await smpp.account();
    const settings = withShortensAlways(account.account.settings, true);
    await smpp.world.gateway.owner.updateAccount({ ...account.account, settings });
    const client = await smpp.client(account);
    const id = await client.submit({ shortMessage: Buffer.from('See https://example.org/a/b') });
    expect((await stored(id))?.text).toMatch(/^See https:\/\/sms.example\/s\/\w{8}$/);
  });

  it('has a decimal id where its credential says so', async () => {
    const client = await bound({ credential: { messageIds: 'decimal' } });
    const id = await client.submit();
    expect(id).toMatch(/^\d{37}$/);
    expect(await stored(id)).toMatchObject({ text: 'Hello' });
  });

  it.each<[string, Submit, string]>([
    ['GSM', { dataCoding: 0, shortMessage: Buffer.from('\x1b\x65 @\x00', 'latin1') }, '€ ¡@'],
    ['ASCII', { dataCoding: 1, shortMessage: Buffer.from('@[a]') }, '@[a]'],
    ['Latin-1', { dataCoding: 3, shortMessage: Buffer.from('Grüße @', 'latin1') }, 'Grüße @'],
    ['what is no GSM', { dataCoding: 0, shortMessage: Buffer.from([0xff, 0xe9]) }, 'ÿé'],
    ['an escape at the end', { dataCoding: 0, shortMessage: Buffer.from('Hi\x1b') }, 'Hi '],
    ['what is no ASCII', { dataCoding: 1, shortMessage: Buffer.from([0xff, 0xe9]) }, 'ÿé'],
    ['UCS-2', { dataCoding: 8, shortMessage: encodeText('日本 👍', 'ucs2') }, '日本 👍'],
    ['GSM, flash', { dataCoding: 0x10, shortMessage: Buffer.from('Hi') }, 'Hi'],
    ['UCS-2, flash', { dataCoding: 0x18, shortMessage: encodeText('Hé', 'ucs2') }, 'Hé'],
    ['GSM, class 1', { dataCoding: 0xf1, shortMessage: Buffer.from('Hi') }, 'Hi'],
    [
      'message_payload',
      { shortMessage: Buffer.alloc(0), tlvs: [octetsTlv('message_payload', Buffer.from('Hi'))] },
      'Hi',
    ],
    [
      'a piece of one',
      { esmClass: 0x40, shortMessage: Buffer.from([5, 0, 3, 9, 1, 1, 0x48, 0x69]) },
      'Hi',
    ],
  ])('is read in its alphabet: %s', async (_, fields, text) => {
    const client = await bound();
    expect(await stored(await client.submit(fields))).toMatchObject({ text });
  });

  it('is read as Latin-1 for data_coding 0 where its account says so', async () => {
    const client = await bound({ settings: { alphabet: 'latin1' } });
    const shortMessage = Buffer.from('Grüße @', 'latin1');
    expect(await stored(await client.submit({ shortMessage }))).toMatchObject({ text: 'Grüße @' });
  });

  it('is read as GSM for data_coding 1 where its account says so', async () => {
    const client = await bound({ settings: { dataCoding1: 'gsm7' } });
    const fields = { dataCoding: 1, shortMessage: Buffer.from('\x00\x1b\x65', 'latin1') };
    expect(await stored(await client.submit(fields))).toMatchObject({ text: '@€' });
  });

  it.each<[string, Submit, number]>([
    ['no number', { destinationAddr: 'abc' }, statuses.ESME_RINVDSTADR],
    ['no mobile', { destinationAddr: '61299990000' }, statuses.ESME_RINVDSTADR],
    ['another country', { destinationAddr: '4915112345678' }, statuses.ESME_RINVDSTADR],
    ['a sender that is not registered', { sourceAddr: 'Bank' }, statuses.ESME_RINVSRCADR],
    ['no sender', { sourceAddr: '' }, statuses.ESME_RINVSRCADR],
    ['no text', { shortMessage: Buffer.alloc(0) }, statuses.ESME_RINVMSGLEN],
    ['octets', { dataCoding: 4 }, statuses.ESME_RINVDCS],
    [
      'half a character',
      { dataCoding: 8, shortMessage: Buffer.from('004100', 'hex') },
      statuses.ESME_RINVDCS,
    ],
    [
      'half a character in message_payload',
      {
        dataCoding: 8,
        shortMessage: Buffer.alloc(0),
        tlvs: [octetsTlv('message_payload', Buffer.from('004100', 'hex'))],
      },
      statuses.ESME_RINVDCS,
    ],
    ['a receipt', { esmClass: 0x04 }, statuses.ESME_RINVESMCLASS],
    [
      'a header with ports',
      {
        esmClass: 0x40,
        shortMessage: Buffer.from([6, 5, 4, 0x0b, 0x84, 0x23, 0xf0, 0x48, 0x69]),
      },
      statuses.ESME_RINVESMCLASS,
    ],
    [
      'a header that does not fit',
      { esmClass: 0x40, shortMessage: Buffer.from([9, 0, 3]) },
      statuses.ESME_RINVESMCLASS,
    ],
    ['replace_if_present', { replaceIfPresentFlag: 1 }, statuses.ESME_RINVREPFLAG],
    ['a text of ours', { smDefaultMsgId: 1 }, statuses.ESME_RINVDFTMSGID],
    ['priority 4', { priorityFlag: 4 }, statuses.ESME_RINVPRTFLG],
    [
      'a schedule of no sense',
      { scheduleDeliveryTime: '26xx01000000000+' },
      statuses.ESME_RINVSCHED,
    ],
    ['a schedule too far', { scheduleDeliveryTime: '020000000000000R' }, statuses.ESME_RINVSCHED],
    ['a validity of no sense', { validityPeriod: '0000000000000000' }, statuses.ESME_RINVEXPIRY],
    [
      'a validity that has passed',
      { validityPeriod: '260101000000000+' },
      statuses.ESME_RINVEXPIRY,
    ],
    [
      'a validity shorter than the schedule',
      { scheduleDeliveryTime: '000001000000000R', validityPeriod: '000000010000000R' },
      statuses.ESME_RINVEXPIRY,
    ],
    [
      'two texts',
      { tlvs: [octetsTlv('message_payload', Buffer.from('Hi'))] },
      statuses.ESME_ROPTPARNOTALLWD,
    ],
    [
      'a text too long',
      {
        shortMessage: Buffer.alloc(0),
        tlvs: [octetsTlv('message_payload', Buffer.alloc(4_000, 0x41))],
      },
      statuses.ESME_RINVMSGLEN,
    ],
  ])('is refused: %s', async (_, fields, status) => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const answer = await client.ask('submit_sm', fields);
    expect(answer).toMatchObject({ command: 'submit_sm_resp', status, messageId: '' });
    expect(await account.messages()).toBe(0);
    expect(await account.credits()).toBe(1_000);
    // The session goes on.
    await client.submit();
  });

  it('is refused without credit, to who has opted out, and when it repeats another', async () => {
    const account = await smpp.account({ credits: 1, duplicateWindowMs: minute });
    const client = await smpp.client(account);
    await smpp.world.gateway.optOut(
      await account.caller(),
      '+61412999999' as Parameters<typeof smpp.world.gateway.optOut>[1],
    );
    const status = async (fields: Submit) => (await client.ask('submit_sm', fields)).status;
    expect(await status({ destinationAddr: '61412999999' })).toBe(ownStatuses.OPTED_OUT);
    expect(await status({})).toBe(0);
    expect(await status({})).toBe(ownStatuses.REPEATED);
    expect(await status({ destinationAddr: '61412000001' })).toBe(ownStatuses.NO_CREDIT);
  });

  it.each<[string, Submit]>([
    ['international, type 1', { destAddrTon: 1, destinationAddr: '61412345678' }],
    ['international with a plus', { destAddrTon: 1, destinationAddr: '+61412345678' }],
    ['national, type 2', { destAddrTon: 2, destinationAddr: '0412345678' }],
    ['local, of type 1 by mistake', { destAddrTon: 1, destinationAddr: '0412345678' }],
    ['of unknown type', { destAddrTon: 0, destinationAddr: '61412345678' }],
    ['with 00', { destAddrTon: 0, destinationAddr: '0061412345678' }],
  ])('finds its number: %s', async (_, fields) => {
    const client = await bound();
    const message = await stored(await client.submit(fields));
    expect(message.destination).toBe('+61412345678');
  });

  it('finds a numeric sender with or without plus sign, whatever its type', async () => {
    const client = await bound({ senders: ['+61400000010'] });
    const from = async (sourceAddrTon: number, sourceAddr: string) =>
      (await stored(await client.submit({ sourceAddrTon, sourceAddr }))).sender;
    expect(await from(1, '61400000010')).toBe('+61400000010');
    expect(await from(0, '+61400000010')).toBe('+61400000010');
    expect(await from(2, '0400000010')).toBe('+61400000010');
  });

  it('waits for its time and is no use after its validity', async () => {
    const client = await bound();
    const now = smpp.world.clock.now();
    const absolute = await client.submit({
      scheduleDeliveryTime: formatAbsoluteTime(now + 10 * minute),
      validityPeriod: formatAbsoluteTime(now + 20 * minute),
    });
    expect(await stored(absolute)).toMatchObject({
      status: 'scheduled',
      scheduledAt: now + 10 * minute,
      expiresAt: now + 20 * minute,
    });
    const relative = await client.submit({
      scheduleDeliveryTime: '000000001000000R',
      validityPeriod: '000000002000000R',
    });
    expect(await stored(relative)).toMatchObject({
      status: 'scheduled',
      scheduledAt: now + 10 * minute,
      expiresAt: now + 20 * minute,
    });
    const usual = await stored(await client.submit());
    expect(usual.expiresAt).toBe(now + 72 * 60 * minute);
    const long = await stored(await client.submit({ validityPeriod: '010000000000000R' }));
    expect(long.expiresAt).toBe(now + 720 * 60 * minute);
  });

  it('has its priority, as far as its credential lets it', async () => {
    const high = await bound();
    expect(await stored(await high.submit({ priorityFlag: 3 }))).toMatchObject({ priority: 3 });
    const low = await bound({ credential: { priority: 1 } });
    expect(await stored(await low.submit({ priorityFlag: 3 }))).toMatchObject({ priority: 1 });
    expect(await stored(await low.submit({ priorityFlag: 0 }))).toMatchObject({ priority: 0 });
  });

  it('too many a second are throttled, whatever session they come by', async () => {
    const account = await smpp.account({ credential: { throughput: 5 } });
    const [one, two] = [await smpp.client(account), await smpp.client(account)];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? one : two).ask('submit_sm')),
    );
    const taken = answers.filter(({ status }) => status === 0);
    expect(taken).toHaveLength(5);
    expect(answers.filter(({ status }) => status === statuses.ESME_RTHROTTLED)).toHaveLength(15);
    await smpp.world.clock.advance(1_000);
    expect((await one.ask('submit_sm')).status).toBe(0);
  });

  it('too many a second are throttled, however often who sends them binds anew', async () => {
    const account = await smpp.account({ credential: { throughput: 1 } });
    const destinations = Array.from({ length: 20 }, (_, at) => ({
      kind: 'address' as const,
      destAddrTon: 1,
      destAddrNpi: 1,
      destinationAddr: String(61412000000 + at),
    }));
    const burst = async (): Promise<number> => {
      const client = await smpp.client(account);
      const { status } = await client.ask('submit_multi', { destinations });
      client.destroy();
      await waitUntil('it is forgotten', () => smpp.server.bound === 0);
      return status;
    };
    expect(await burst()).toBe(0);
    for (let at = 0; at < 3; at++) {
      expect(await burst()).toBe(statuses.ESME_RTHROTTLED);
      // A round of the sweep, too: what is owed is not forgotten.
      await smpp.world.clock.advance(5_000);
    }
    await smpp.world.clock.advance(6_000);
    expect(await burst()).toBe(0);
  });

  it('another throughput holds for those who are bound, and is one for all of them', async () => {
    const account = await smpp.account({ credential: { throughput: 100 } });
    const one = await smpp.client(account);
    const { credentialId } = await account.caller();
    await smpp.world.gateway.owner.setCredential(credentialId, { throughput: 2 });
    await smpp.world.clock.advance(3_000);
    const two = await smpp.client(account);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? one : two).ask('submit_sm')),
    );
    expect(answers.filter(({ status }) => status === 0)).toHaveLength(2);
  });

  it('many at once share commits', async () => {
    const account = await smpp.account();
    const clients = await Promise.all([1, 2, 3, 4].map(() => smpp.client(account)));
    const { storage } = smpp.world;
    let commits = 0;
    const { write } = storage;
    // Only the count is looked at; the works go on as they are.
    storage.write = (work) => {
      commits += 1;
      return write(work);
    };
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, at) => {
        const destinationAddr = String(61412000000 + at);
        return (clients[at % 4] as SmppClient).ask('submit_sm', { destinationAddr });
      }),
    );
    storage.write = write;
    expect(answers.every(({ status }) => status === 0)).toBe(true);
    expect(commits).toBeGreaterThan(0);
    expect(commits).toBeLessThan(100);
    expect(await account.messages()).toBe(400);
  });

  it('of a suspended account is refused', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    await smpp.world.gateway.owner.updateAccount({ ...account.account, status: 'suspended' });
    expect((await client.ask('submit_sm')).status).toBe(statuses.ESME_RSUBMITFAIL);
  });

  it('is not taken by a receiver', async () => {
    const client = await smpp.client(await smpp.account(), 'bind_receiver');
    expect((await client.ask('submit_sm')).status).toBe(statuses.ESME_RINVBNDSTS);
  });
});

describe('a data_sm', () => {
  it('is a message like any other', async () => {
    const client = await bound();
    const now = smpp.world.clock.now();
    const answer = await client.ask('data_sm', {
      tlvs: [
        octetsTlv('message_payload', Buffer.from('A'.repeat(300))),
        numberTlv('qos_time_to_live', 60),
      ],
    });
    if (answer.command !== 'data_sm_resp') throw new Error(answer.command);
    expect(answer.status).toBe(0);
    expect(await stored(answer.messageId)).toMatchObject({
      text: 'A'.repeat(300),
      parts: 2,
      expiresAt: now + minute,
    });
  });
});

describe('a submit_multi', () => {
  const address = (destinationAddr: string) =>
    ({ kind: 'address', destAddrTon: 1, destAddrNpi: 1, destinationAddr }) as const;

  it('takes each destination for itself and names those that it does not', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const answer = await client.ask('submit_multi', {
      destinations: [
        address('61412000001'),
        address('123'),
        { kind: 'list', name: 'friends' },
        address('61412000002'),
      ],
    });
    if (answer.command !== 'submit_multi_resp') throw new Error(answer.command);
    expect(answer).toMatchObject({
      status: 0,
      unsuccessful: [
        { destinationAddr: '123', errorStatusCode: statuses.ESME_RINVDSTADR },
        { destinationAddr: 'friends', errorStatusCode: statuses.ESME_RINVDLNAME },
      ],
    });
    expect(idOf(answer.messageId)).toMatchObject({ kind: 'multi', count: 4 });
    expect(await account.messages()).toBe(2);
    expect(await account.credits()).toBe(998);
  });

  it('of 254 destinations is one submission', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const answer = await client.ask('submit_multi', {
      destinations: Array.from({ length: 254 }, (_, at) => address(String(61412000000 + at))),
    });
    expect(answer).toMatchObject({ status: 0, unsuccessful: [] });
    expect(await account.messages()).toBe(254);
  });

  it('of which nothing is taken is refused as a whole', async () => {
    const client = await bound();
    const answer = await client.ask('submit_multi', { destinations: [address('1'), address('2')] });
    expect(answer).toMatchObject({ status: statuses.ESME_RINVDSTADR, messageId: '' });
  });

  it('that cannot be paid as a whole is not taken', async () => {
    const account = await smpp.account({ credits: 1, pricePerPart: fromCredits(1) });
    const client = await smpp.client(account);
    const answer = await client.ask('submit_multi', {
      destinations: [address('61412000001'), address('61412000002')],
    });
    expect(answer.status).toBe(ownStatuses.NO_CREDIT);
    expect(await account.messages()).toBe(0);
  });
});

describe('what is not offered', () => {
  it('replace_sm', async () => {
    const client = await bound();
    expect(await client.ask('replace_sm')).toMatchObject({
      command: 'replace_sm_resp',
      status: statuses.ESME_RINVCMDID,
    });
  });
});

describe('accounts', () => {
  it('each send by their own senders, to their own countries', async () => {
    const [au, nz] = ['AU', 'NZ'] as Country[];
    const one = await bound({ senders: ['One'], allowedCountries: [au as Country] });
    const two = await bound({
      senders: ['Two'],
      homeCountry: nz as Country,
      allowedCountries: [nz as Country],
    });
    const toNz = { destinationAddr: '6421123456' };
    expect((await one.ask('submit_sm', { sourceAddr: 'Two' })).status).toBe(
      statuses.ESME_RINVSRCADR,
    );
    expect((await one.ask('submit_sm', { sourceAddr: 'One', ...toNz })).status).toBe(
      statuses.ESME_RINVDSTADR,
    );
    expect((await two.ask('submit_sm', { sourceAddr: 'Two', ...toNz })).status).toBe(0);
  });
});
