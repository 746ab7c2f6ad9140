import type { Tlv } from './pdu.ts';

type Kind =
  /** An unsigned integer of just so many octets. */
  | { tag: number; type: 'number'; octets: 1 | 2 | 4 }
  /** A C-octet string of at most so many octets with its NUL. */
  | { tag: number; type: 'text'; most: number }
  /** Octets whose meaning the reader knows. */
  | { tag: number; type: 'octets'; least: number; most: number };

/**
 * The optional parameters of SMPP 3.4 (table 5-7, lengths of chapter 5.3.2) and those of 5.0 that are
 * not about broadcasts. A carrier's own have tags from 0x1400 to 0x3fff and are none of them.
 */
export const knownTlvs = {
  dest_addr_subunit: { tag: 0x0005, type: 'number', octets: 1 },
  dest_network_type: { tag: 0x0006, type: 'number', octets: 1 },
  dest_bearer_type: { tag: 0x0007, type: 'number', octets: 1 },
  dest_telematics_id: { tag: 0x0008, type: 'number', octets: 2 },
  source_addr_subunit: { tag: 0x000d, type: 'number', octets: 1 },
  source_network_type: { tag: 0x000e, type: 'number', octets: 1 },
  source_bearer_type: { tag: 0x000f, type: 'number', octets: 1 },
  source_telematics_id: { tag: 0x0010, type: 'number', octets: 1 },
  qos_time_to_live: { tag: 0x0017, type: 'number', octets: 4 },
  payload_type: { tag: 0x0019, type: 'number', octets: 1 },
  additional_status_info_text: { tag: 0x001d, type: 'text', most: 256 },
  receipted_message_id: { tag: 0x001e, type: 'text', most: 65 },
  ms_msg_wait_facilities: { tag: 0x0030, type: 'number', octets: 1 },
  privacy_indicator: { tag: 0x0201, type: 'number', octets: 1 },
  source_subaddress: { tag: 0x0202, type: 'octets', least: 2, most: 23 },
  dest_subaddress: { tag: 0x0203, type: 'octets', least: 2, most: 23 },
  user_message_reference: { tag: 0x0204, type: 'number', octets: 2 },
  user_response_code: { tag: 0x0205, type: 'number', octets: 1 },
  source_port: { tag: 0x020a, type: 'number', octets: 2 },
  destination_port: { tag: 0x020b, type: 'number', octets: 2 },
  sar_msg_ref_num: { tag: 0x020c, type: 'number', octets: 2 },
  language_indicator: { tag: 0x020d, type: 'number', octets: 1 },
  sar_total_segments: { tag: 0x020e, type: 'number', octets: 1 },
  sar_segment_seqnum: { tag: 0x020f, type: 'number', octets: 1 },
  sc_interface_version: { tag: 0x0210, type: 'number', octets: 1 },
  callback_num_pres_ind: { tag: 0x0302, type: 'number', octets: 1 },
  callback_num_atag: { tag: 0x0303, type: 'octets', least: 0, most: 65 },
  number_of_messages: { tag: 0x0304, type: 'number', octets: 1 },
  callback_num: { tag: 0x0381, type: 'octets', least: 4, most: 19 },
  dpf_result: { tag: 0x0420, type: 'number', octets: 1 },
  set_dpf: { tag: 0x0421, type: 'number', octets: 1 },
  ms_availability_status: { tag: 0x0422, type: 'number', octets: 1 },
  /** One octet for the kind of network, two for its code. */
  network_error_code: { tag: 0x0423, type: 'octets', least: 3, most: 3 },
  message_payload: { tag: 0x0424, type: 'octets', least: 0, most: 0xffff },
  delivery_failure_reason: { tag: 0x0425, type: 'number', octets: 1 },
  more_messages_to_send: { tag: 0x0426, type: 'number', octets: 1 },
  message_state: { tag: 0x0427, type: 'number', octets: 1 },
  ussd_service_op: { tag: 0x0501, type: 'number', octets: 1 },
  display_time: { tag: 0x1201, type: 'number', octets: 1 },
  sms_signal: { tag: 0x1203, type: 'number', octets: 2 },
  /** One octet in 3.4; 5.0 lets a length of time follow. */
  ms_validity: { tag: 0x1204, type: 'octets', least: 1, most: 4 },
  /** Without a value in 3.4, and with one octet in 5.0. */
  alert_on_message_delivery: { tag: 0x130c, type: 'octets', least: 0, most: 1 },
  its_reply_type: { tag: 0x1380, type: 'number', octets: 1 },
  its_session_info: { tag: 0x1383, type: 'octets', least: 2, most: 2 },

  congestion_state: { tag: 0x0428, type: 'number', octets: 1 },
  billing_identification: { tag: 0x060b, type: 'octets', least: 1, most: 1024 },
  source_network_id: { tag: 0x060d, type: 'text', most: 65 },
  dest_network_id: { tag: 0x060e, type: 'text', most: 65 },
  source_node_id: { tag: 0x060f, type: 'octets', least: 6, most: 6 },
  dest_node_id: { tag: 0x0610, type: 'octets', least: 6, most: 6 },
  dest_addr_np_resolution: { tag: 0x0611, type: 'number', octets: 1 },
  dest_addr_np_information: { tag: 0x0612, type: 'octets', least: 10, most: 10 },
  dest_addr_np_country: { tag: 0x0613, type: 'octets', least: 1, most: 5 },
} as const satisfies Record<string, Kind>;

type Table = typeof knownTlvs;
export type TlvName = keyof Table;
/** The names of the TLVs of one type. */
type Named<Type extends Kind['type']> = {
  [Name in TlvName]: Table[Name]['type'] extends Type ? Name : never;
}[TlvName];

/** The longest text that is read, in octets: carriers send ids that are longer than theirs may be. */
const mostTextOctets = 256;

/**
 * The value of a TLV by its name, or by its tag if it is a carrier's own: of the first, when there
 * are several. Undefined when there is none. Its length is what the peer made it.
 */
export function findTlv(tlvs: readonly Tlv[], which: TlvName | number): Buffer | undefined {
  const tag = typeof which === 'number' ? which : knownTlvs[which].tag;
  for (const tlv of tlvs) {
    if (tlv.tag === tag) return tlv.value;
  }
  return undefined;
}

/** A number; undefined when there is none or it has not the length of its TLV. */
export function tlvNumber(tlvs: readonly Tlv[], name: Named<'number'>): number | undefined {
  const value = findTlv(tlvs, name);
  const { octets } = knownTlvs[name];
  return value?.length === octets ? value.readUIntBE(0, octets) : undefined;
}

/**
 * A text, in Latin-1; undefined when there is none or it has more than 256 octets. It ends at its NUL,
 * or with its TLV where the peer left the NUL out.
 */
export function tlvText(tlvs: readonly Tlv[], name: Named<'text'>): string | undefined {
  const value = findTlv(tlvs, name);
  if (value === undefined || value.length > mostTextOctets) return undefined;
  const end = value.indexOf(0);
  return value.toString('latin1', 0, end === -1 ? value.length : end);
}

/** Octets; undefined when there are none or they are fewer or more than their TLV may have. */
export function tlvOctets(tlvs: readonly Tlv[], name: Named<'octets'>): Buffer | undefined {
  const value = findTlv(tlvs, name);
  const { least, most } = knownTlvs[name];
  if (value === undefined || value.length < least || value.length > most) return undefined;
  return value;
}

/** Throws RangeError when the number does not fit. */
export function numberTlv(name: Named<'number'>, number: number): Tlv {
  const { tag, octets } = knownTlvs[name];
  if (!Number.isInteger(number)) throw new RangeError(`${name} is no integer`);
  const value = Buffer.alloc(octets);
  value.writeUIntBE(number, 0, octets);
  return { tag, value };
}

/** Throws RangeError when the text is too long, has a NUL in it or a character that Latin-1 has not. */
export function textTlv(name: Named<'text'>, text: string): Tlv {
  const { tag, most } = knownTlvs[name];
  if (text.length >= most) throw new RangeError(`${name} has at most ${most - 1} characters`);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 0xff) throw new RangeError(`${name} has a NUL or is not Latin-1`);
  }
  return { tag, value: Buffer.from(`${text}\0`, 'latin1') };
}

/** Throws RangeError when there are too few or too many octets. */
export function octetsTlv(name: Named<'octets'>, value: Buffer): Tlv {
  const { tag, least, most } = knownTlvs[name];
  if (value.length < least || value.length > most) {
    throw new RangeError(`${name} has ${least} to ${most} octets, and not ${value.length}`);
  }
  return { tag, value };
}
