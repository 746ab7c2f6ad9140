import fc from 'fast-check';
import type { Command, MultiDestination, Pdu, PduOf, Tlv, Unsuccessful } from '../pdu.ts';

// Lengths are those of SMPP 3.4, chapter 4, written down a second time: the code has them from there too.

const octet = fc.integer({ min: 0, max: 0xff });
const status = fc.integer({ min: 1, max: 0xffff_ffff });
const requestNumber = fc.integer({ min: 1, max: 0x7fff_ffff });
const answerNumber = fc.integer({ min: 0, max: 0xffff_ffff });

/** Latin-1 without NUL, of a C-octet string that has `octets` with its NUL. */
function text(octets: number): fc.Arbitrary<string> {
  const character = fc.integer({ min: 1, max: 0xff }).map((code) => String.fromCharCode(code));
  const any = fc.string({ unit: character, maxLength: octets - 1 });
  const longest = fc.string({ unit: character, minLength: octets - 1, maxLength: octets - 1 });
  return fc.oneof({ weight: 9, arbitrary: any }, { weight: 1, arbitrary: longest });
}

const time = fc.oneof(
  fc.constantFrom('', '000002000000000R', '261122093000004+'),
  fc.string({ unit: fc.constantFrom(...'0123456789+-R'.split('')), minLength: 16, maxLength: 16 }),
);

function octets(least: number, most: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength: least, maxLength: most }).map((array) => Buffer.from(array));
}

const shortMessage = fc.oneof(octets(0, 254), octets(254, 254));

/** TLVs known and unknown, with repeated tags, empty values and now and then a long one. */
const anyTlvs: fc.Arbitrary<Tlv[]> = fc
  .array(
    fc.record({
      tag: fc.oneof(
        fc.integer({ min: 0, max: 0xffff }),
        fc.constantFrom(0x001e, 0x0424, 0x0427, 0x1400),
      ),
      value: fc.oneof(
        { weight: 20, arbitrary: octets(0, 40) },
        {
          weight: 1,
          arbitrary: fc.integer({ min: 0, max: 0xffff }).map((n) => Buffer.alloc(n, n)),
        },
      ),
    }),
    // One of each of the longest would not fit into a PDU.
    { maxLength: 5 },
  )
  .filter((tlvs) => tlvs.reduce((sum, { value }) => sum + value.length, 0) <= 0xffff);

const source = (most: number) => ({
  sourceAddrTon: octet,
  sourceAddrNpi: octet,
  sourceAddr: text(most),
});
const destination = (most: number) => ({
  destAddrTon: octet,
  destAddrNpi: octet,
  destinationAddr: text(most),
});
const flags = {
  esmClass: octet,
  protocolId: octet,
  priorityFlag: octet,
  scheduleDeliveryTime: time,
  validityPeriod: time,
  registeredDelivery: octet,
  replaceIfPresentFlag: octet,
  dataCoding: octet,
  smDefaultMsgId: octet,
  shortMessage,
};
const request = { sequence: requestNumber, status: fc.constant(0) };
const answer = { sequence: answerNumber, status: fc.oneof(fc.constant(0), status) };
const bind = {
  ...request,
  systemId: text(16),
  password: text(9),
  systemType: text(13),
  interfaceVersion: octet,
  addrTon: octet,
  addrNpi: octet,
  addressRange: text(41),
};
const bindAnswer = { ...answer, systemId: text(16), tlvs: anyTlvs };
const short = {
  ...request,
  serviceType: text(6),
  ...source(21),
  ...destination(21),
  ...flags,
  tlvs: anyTlvs,
};
const idAnswer = { ...answer, messageId: text(65), tlvs: anyTlvs };

const anyDestination: fc.Arbitrary<MultiDestination> = fc.oneof(
  fc.record({ kind: fc.constant('address' as const), ...destination(21) }),
  fc.record({ kind: fc.constant('list' as const), name: text(21) }),
);
const anyUnsuccessful: fc.Arbitrary<Unsuccessful> = fc.record({
  ...destination(21),
  errorStatusCode: answerNumber,
});

type FieldsOf<P> = { [Field in Exclude<keyof P, 'command'>]: fc.Arbitrary<P[Field]> };

const fieldsOf: { readonly [C in Command]: FieldsOf<PduOf<C>> } = {
  bind_receiver: bind,
  bind_transmitter: bind,
  bind_transceiver: bind,
  bind_receiver_resp: bindAnswer,
  bind_transmitter_resp: bindAnswer,
  bind_transceiver_resp: bindAnswer,
  outbind: { ...request, systemId: text(16), password: text(9) },
  unbind: request,
  unbind_resp: answer,
  enquire_link: request,
  enquire_link_resp: answer,
  generic_nack: answer,
  submit_sm: short,
  submit_sm_resp: idAnswer,
  deliver_sm: short,
  deliver_sm_resp: idAnswer,
  submit_multi: {
    ...request,
    serviceType: text(6),
    ...source(21),
    destinations: fc.oneof(
      { weight: 9, arbitrary: fc.array(anyDestination, { minLength: 1, maxLength: 10 }) },
      { weight: 1, arbitrary: fc.array(anyDestination, { minLength: 254, maxLength: 254 }) },
    ),
    ...flags,
    tlvs: anyTlvs,
  },
  submit_multi_resp: {
    ...answer,
    messageId: text(65),
    unsuccessful: fc.array(anyUnsuccessful, { maxLength: 255 }),
    tlvs: anyTlvs,
  },
  data_sm: {
    ...request,
    serviceType: text(6),
    ...source(65),
    ...destination(65),
    esmClass: octet,
    registeredDelivery: octet,
    dataCoding: octet,
    tlvs: anyTlvs,
  },
  data_sm_resp: idAnswer,
  query_sm: { ...request, messageId: text(65), ...source(21) },
  query_sm_resp: {
    ...answer,
    messageId: text(65),
    finalDate: time,
    messageState: octet,
    errorCode: octet,
  },
  cancel_sm: {
    ...request,
    serviceType: text(6),
    messageId: text(65),
    ...source(21),
    ...destination(21),
  },
  cancel_sm_resp: answer,
  replace_sm: {
    ...request,
    messageId: text(65),
    ...source(21),
    scheduleDeliveryTime: time,
    validityPeriod: time,
    registeredDelivery: octet,
    smDefaultMsgId: octet,
    shortMessage,
    tlvs: anyTlvs,
  },
  replace_sm_resp: answer,
  alert_notification: {
    ...request,
    ...source(65),
    esmeAddrTon: octet,
    esmeAddrNpi: octet,
    esmeAddr: text(65),
    tlvs: anyTlvs,
  },
};

/** Each PDU of SMPP 3.4 with anything that it may hold. */
export const pduArbitraries: readonly (readonly [Command, fc.Arbitrary<Pdu>])[] = (
  Object.keys(fieldsOf) as Command[]
).map((command) => {
  const pdu = fc.record({ command: fc.constant(command), ...fieldsOf[command] });
  return [command, pdu as fc.Arbitrary<Pdu>] as const;
});

export const anyPdu: fc.Arbitrary<Pdu> = fc.oneof(...pduArbitraries.map(([, pdu]) => pdu));
