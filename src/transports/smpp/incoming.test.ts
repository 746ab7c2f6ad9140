import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { LinkId } from '../../core/ids.ts';
import type { PduOf } from '../../smpp/codec/pdu.ts';
import { encodeText } from '../../text/alphabets.ts';
import { packSeptets } from '../../text/septets.ts';
import { RecordingHost } from '../testkit/recording-host.ts';
import { Incoming } from './incoming.ts';
import { smppSettings } from './settings.ts';

type Deliver = PduOf<'deliver_sm'>;

const [handset, ours] = ['61412345678', '61499999999'];

function open(more: Record<string, unknown> = {}) {
  const host = new RecordingHost();
  const lines: string[] = [];
  const settings = smppSettings.parse({ host: 'smsc.example', systemId: 'me', ...more });
  const incoming = new Incoming('carrier' as LinkId, settings, {
    clock: new FakeClock(),
    dataFolder: '/nowhere',
    log: (level, what) => lines.push(`${level} ${what}`),
  });
  /** Resolves with the status of our answer. */
  const take = (wish: Partial<Deliver>): Promise<number> =>
    new Promise((resolve) => {
      incoming.take(deliver(wish), host, ({ status }) => resolve(status));
    });
  const receipt = (id: string) =>
    take({ esmClass: 4, shortMessage: Buffer.from(`id:${id} stat:DELIVRD err:000`) });
  return { host, lines, incoming, take, receipt };
}

function deliver(wish: Partial<Deliver>): Deliver {
  return {
    command: 'deliver_sm',
    status: 0,
    sequence: 1,
    serviceType: '',
    sourceAddrTon: 1,
    sourceAddrNpi: 1,
    sourceAddr: handset,
    destAddrTon: 1,
    destAddrNpi: 1,
    destinationAddr: ours,
    esmClass: 0,
    protocolId: 0,
    priorityFlag: 0,
    scheduleDeliveryTime: '',
    validityPeriod: '',
    registeredDelivery: 0,
    replaceIfPresentFlag: 0,
    dataCoding: 0,
    smDefaultMsgId: 0,
    shortMessage: Buffer.alloc(0),
    tlvs: [],
    ...wish,
  };
}

describe('a receipt', () => {
  const ascii = (text: string) => Buffer.from(text, 'latin1');
  const packed = { alphabet: 'gsm7-packed', replies: { packed: true } };
  const plain = 'id:m_1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:Hi';
  it.each<[string, string, Buffer, number, Record<string, unknown>]>([
    ['m_1', 'in ASCII', ascii(plain), 0, {}],
    ['a@b$c', 'in ASCII', ascii('id:a@b$c stat:DELIVRD err:000'), 0, {}],
    ['nul1', 'that ends with a NUL', ascii('id:nul1 stat:DELIVRD\0'), 0, {}],
    ['nul1', 'whose id ends with a NUL', ascii('stat:DELIVRD id:nul1\0'), 0, {}],
    ['nul1', 'with a NUL amid its fields', ascii('id:nul1\0\0\0stat:DELIVRD err:000\0'), 0, {}],
    ['m_1', 'said to be binary', ascii(plain), 4, {}],
    ['m_1', 'said to be UCS-2', ascii(plain), 8, {}],
    ['m_1', 'of a carrier whose texts are packed', ascii(plain), 0, packed],
    ['m_1', 'that is packed itself', packSeptets(encodeText(plain, 'gsm7'), 0), 0, packed],
    ['m_1', 'in UCS-2', encodeText(plain, 'ucs2'), 8, {}],
    ['m_1', 'in GSM 03.38', encodeText(plain, 'gsm7'), 0, {}],
    ['m_1', 'without its mark', ascii(plain), 0, { receipts: { unmarked: true } }],
  ])('names %s, %s', async (id, _, shortMessage, dataCoding, settings) => {
    const { host, take } = open(settings);
    const esmClass = 'receipts' in settings ? 0 : 4;
    expect(await take({ esmClass, shortMessage, dataCoding })).toBe(0);
    expect(host.receipts).toMatchObject([{ upstreamId: id, status: 'delivered' }]);
  });

  it('is no reason to read what handsets write otherwise than it was written', async () => {
    const { host, take } = open();
    await take({ shortMessage: encodeText('id_1 @ home $', 'gsm7') });
    expect(host.replies).toMatchObject([{ text: 'id_1 @ home $' }]);
  });
});

describe('receipts of a carrier that changes the form of its ids', () => {
  it('find their messages, also those that came before it was seen', async () => {
    const { host, lines, incoming, receipt } = open();
    const answer = (id: string) => void host.accepted.add(incoming.answered(id));
    const ids = Array.from({ length: 45 }, (_, at) => 0xabc00 + at);
    for (const id of ids.slice(0, 20)) answer(String(id));
    for (const id of ids.slice(0, 20)) await receipt(String(id));
    // Known by now. From here on its answers are hexadecimal, and receipts come together.
    for (const id of ids.slice(20)) answer(id.toString(16));
    await Promise.all(ids.slice(20).map((id) => receipt(String(id))));
    const named = new Set(
      host.receipts.flatMap(({ upstreamId, otherIds = [] }) => [upstreamId, ...otherIds]),
    );
    expect([...host.accepted].filter((id) => !named.has(id))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringContaining('read as same: read otherwise from now on, too'),
      expect.stringContaining('set receipts.ids to hex-answers'),
    ]);
  });

  it('are looked for in the form that the owner set, and no other', async () => {
    const { host, lines, receipt } = open({ receipts: { ids: 'same' } });
    for (let id = 1_000; id < 1_045; id++) await receipt(String(id));
    expect(host.receipts.filter(({ otherIds }) => otherIds)).toEqual([]);
    expect(host.receipts).toHaveLength(45);
    expect(lines).toEqual([]);
  });
});

it.each([
  [
    '0412345678',
    {},
    'warn a message from a number in local form is left out: set replies.homeCountry',
  ],
  ['Telstra', {}, 'info a message that is not from a phone number is left out'],
  ['0999', {}, 'info a message that is not from a phone number is left out'],
  ['0412345678', { replies: { homeCountry: 'AU' } }, undefined],
])('a reply from %s with %j', async (sourceAddr, settings, line) => {
  const { host, lines, take } = open(settings);
  await take({ sourceAddr, sourceAddrTon: 0, shortMessage: Buffer.from('Yes') });
  expect(lines).toEqual(line === undefined ? [] : [line]);
  expect(host.replies).toHaveLength(line === undefined ? 1 : 0);
});
