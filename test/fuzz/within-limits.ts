import type { Pdu } from '../../src/smpp/codec/pdu.ts';

/** The characters that SMPP 3.4, chapter 4, allows each C-octet string, without its NUL. */
const mostCharacters: Readonly<Record<string, number>> = {
  systemId: 15,
  password: 8,
  systemType: 12,
  addressRange: 40,
  serviceType: 5,
  sourceAddr: 20,
  destinationAddr: 20,
  esmeAddr: 64,
  messageId: 64,
  name: 20,
};
/** Of these two commands addresses may be longer. */
const longAddresses = new Set<unknown>(['data_sm', 'alert_notification']);
const times = new Set(['scheduleDeliveryTime', 'validityPeriod', 'finalDate']);

/**
 * The same PDU without what is read for the sake of peers but may not be written (`decode.ts` lists
 * it): texts are cut, times of another length left out, a request's status and number made one's own.
 */
export function withinLimits(pdu: Pdu): Pdu {
  const cut = { ...trimmed(pdu, longAddresses.has(pdu.command)), command: pdu.command } as Pdu;
  if (!pdu.command.endsWith('_resp') && pdu.command !== 'generic_nack') {
    cut.status = 0;
    if (pdu.sequence < 1 || pdu.sequence > 0x7fff_ffff) cut.sequence = 1;
  }
  return cut;
}

function trimmed(fields: object, longAddress: boolean): object {
  const entries = Object.entries(fields).map(([name, value]) => {
    if (typeof value === 'string') {
      if (times.has(name)) return [name, value.length === 16 ? value : ''];
      const most = longAddress && name.endsWith('Addr') ? 64 : mostCharacters[name];
      return [name, value.slice(0, most)];
    }
    if (name === 'shortMessage') return [name, (value as Buffer).subarray(0, 254)];
    if (name === 'destinations' || name === 'unsuccessful') {
      return [name, (value as object[]).map((each) => trimmed(each, false))];
    }
    return [name, value];
  });
  return Object.fromEntries(entries) as object;
}
