import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodePdu } from './decode.ts';
import { describePdu } from './describe.ts';
import { anyPdu } from './testkit/arbitraries.ts';
import { fixtures, octetsOf } from './testkit/fixtures.ts';

const lines: Record<string, string> = {
  bind_receiver: 'bind_receiver #1 interface_version=0x34',
  bind_transceiver_resp: 'bind_transceiver_resp #3 ESME_ROK',
  outbind: 'outbind #4',
  unbind: 'unbind #5',
  generic_nack: 'generic_nack #0 ESME_RINVCMDID',
  'submit_sm with everything': 'submit_sm #10 esm_class=0x40 data_coding=0x08 octets=10 tlvs=3',
  submit_sm_resp: 'submit_sm_resp #9 ESME_ROK id=7b2c5a90',
  'submit_sm_resp that is an error: no body': 'submit_sm_resp #9 ESME_RTHROTTLED',
  submit_multi_resp: 'submit_multi_resp #14 ESME_ROK id=7b2c5a91 unsuccessful=2',
  data_sm: 'data_sm #15 esm_class=0x04 data_coding=0x00 tlvs=2',
  query_sm: 'query_sm #17 id=7b2c5a90',
  query_sm_resp: 'query_sm_resp #17 ESME_ROK id=7b2c5a90 message_state=2',
  'replace_sm_resp that is an error': 'replace_sm_resp #20 ESME_RREPLACEFAIL',
  alert_notification: 'alert_notification #21',
};

it.each(fixtures.filter(({ name }) => name in lines))('describes $name', ({ name, pdu }) => {
  expect(describePdu(pdu)).toBe(lines[name]);
});

it.each(fixtures)('shows no password, text or address of $name', ({ pdu }) => {
  expect(describePdu(pdu)).not.toMatch(/secret|Hello|Bye|614|12345|911|Parlance|staff|gateway/i);
});

it('describes what is broken', () => {
  expect(describePdu(decodePdu(octetsOf('00000011 00000004 00000000 00000007 41')))).toBe(
    'broken #7 ESME_RINVCMDLEN: submit_sm: the PDU ends within service_type',
  );
});

it('stays one short line, whatever a peer calls its messages', () => {
  fc.assert(
    fc.property(anyPdu, (pdu) => {
      expect(describePdu(pdu)).toMatch(/^[\x20-\x7e]{1,160}$/);
    }),
  );
  const pdu = { command: 'submit_sm_resp', sequence: 1, status: 0, tlvs: [] } as const;
  expect(describePdu({ ...pdu, messageId: 'a\nb c\u001b[2J' })).toBe(
    'submit_sm_resp #1 ESME_ROK id=a?b?c?[2J',
  );
  expect(describePdu({ ...pdu, messageId: '7'.repeat(255) })).toHaveLength(30 + 65);
});
