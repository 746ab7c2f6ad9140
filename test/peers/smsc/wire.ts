/**
 * SMPP 3.4 as bytes, as this carrier reads and writes it. It shares nothing with src/smpp: an error
 * that both sides had in common would stay unseen. Section numbers are those of the specification,
 * issue 1.2.
 */

/** Section 5.1.2.1. The answer to each is `answerTo` it. */
export const commands = {
  bind_receiver: 0x01,
  bind_transmitter: 0x02,
  query_sm: 0x03,
  submit_sm: 0x04,
  deliver_sm: 0x05,
  unbind: 0x06,
  replace_sm: 0x07,
  cancel_sm: 0x08,
  bind_transceiver: 0x09,
  outbind: 0x0b,
  enquire_link: 0x15,
  submit_multi: 0x21,
  alert_notification: 0x102,
  data_sm: 0x103,
} as const;

const genericNack = 0x8000_0000;
export const answerTo = (command: number): number => (command | genericNack) >>> 0;
export const isAnswer = (command: number): boolean => command >= genericNack;

/** Section 5.1.3, those that a test speaks of by name. */
export const statuses = {
  ok: 0x00,
  invalidLength: 0x02,
  invalidCommand: 0x03,
  notBound: 0x04,
  alreadyBound: 0x05,
  systemError: 0x08,
  invalidSource: 0x0a,
  invalidDestination: 0x0b,
  bindFailed: 0x0d,
  wrongPassword: 0x0e,
  unknownSystemId: 0x0f,
  queueFull: 0x14,
  submitFailed: 0x45,
  throttled: 0x58,
  temporaryAppError: 0x64,
} as const;

/** Section 5.3.2, those that are written or read here. */
export const tags = {
  receiptedMessageId: 0x001e,
  userMessageReference: 0x0204,
  sarReference: 0x020c,
  sarTotal: 0x020e,
  sarNumber: 0x020f,
  scInterfaceVersion: 0x0210,
  networkErrorCode: 0x0423,
  messagePayload: 0x0424,
  messageState: 0x0427,
} as const;

export const headerBytes = 16;
/** Longer than any PDU that means well: 64 KiB of payload and what stands around it. */
const longestPdu = 70_000;

export interface RawPdu {
  command: number;
  status: number;
  sequence: number;
  body: Buffer;
}

export interface Tlv {
  tag: number;
  value: Buffer;
}

export interface Address {
  ton: number;
  npi: number;
  digits: string;
}

/** The fields that submit_sm and deliver_sm have in common: sections 4.4.1 and 4.6.1. */
export interface ShortMessage {
  serviceType: string;
  source: Address;
  destination: Address;
  esmClass: number;
  protocolId: number;
  priority: number;
  scheduled: string;
  validity: string;
  registered: number;
  replace: number;
  dataCoding: number;
  defaultMessage: number;
  text: Buffer;
  tlvs: Tlv[];
}

/** Section 4.1. */
export interface BindRequest {
  systemId: string;
  password: string;
  systemType: string;
  interfaceVersion: number;
  addressRange: Address;
}

/** The other side did not keep to the protocol. */
export class WireFault extends Error {
  override readonly name = 'WireFault';
}

/** Cuts a stream into PDUs. */
export class Splitter {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
  }

  /** The next PDU that is here as a whole. @throws WireFault when no PDU can have its length. */
  next(): RawPdu | undefined {
    const rest = this.#rest;
    if (rest.length < 4) return undefined;
    const length = rest.readUInt32BE(0);
    if (length < headerBytes || length > longestPdu) throw new WireFault(`length ${length}`);
    if (rest.length < length) return undefined;
    this.#rest = rest.subarray(length);
    return {
      command: rest.readUInt32BE(4),
      status: rest.readUInt32BE(8),
      sequence: rest.readUInt32BE(12),
      body: rest.subarray(headerBytes, length),
    };
  }

  /** All that are here. @throws WireFault */
  all(): RawPdu[] {
    const found: RawPdu[] = [];
    for (let pdu = this.next(); pdu; pdu = this.next()) found.push(pdu);
    return found;
  }

  /** How many bytes of an unfinished PDU are here. */
  get unfinished(): number {
    return this.#rest.length;
  }
}

export function pduBytes({ command, status, sequence, body }: RawPdu): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUInt32BE(headerBytes + body.length, 0);
  head.writeUInt32BE(command, 4);
  head.writeUInt32BE(status, 8);
  head.writeUInt32BE(sequence, 12);
  return Buffer.concat([head, body]);
}

export const cString = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1');

const addressBytes = ({ ton, npi, digits }: Address): Buffer =>
  Buffer.concat([Buffer.from([ton, npi]), cString(digits)]);

export function tlvBytes(tlvs: readonly Tlv[]): Buffer {
  return Buffer.concat(
    tlvs.map(({ tag, value }) => {
      const head = Buffer.alloc(4);
      head.writeUInt16BE(tag, 0);
      head.writeUInt16BE(value.length, 2);
      return Buffer.concat([head, value]);
    }),
  );
}

/** A body of deliver_sm. */
export function deliverBody(message: ShortMessage): Buffer {
  return Buffer.concat([
    cString(message.serviceType),
    addressBytes(message.source),
    addressBytes(message.destination),
    Buffer.from([message.esmClass, message.protocolId, message.priority]),
    cString(message.scheduled),
    cString(message.validity),
    Buffer.from([
      message.registered,
      message.replace,
      message.dataCoding,
      message.defaultMessage,
      message.text.length,
    ]),
    message.text,
    tlvBytes(message.tlvs),
  ]);
}

/** A body of data_sm (section 4.7.1): its text is in message_payload. */
export function dataBody(message: ShortMessage): Buffer {
  const payload = { tag: tags.messagePayload, value: message.text };
  return Buffer.concat([
    cString(message.serviceType),
    addressBytes(message.source),
    addressBytes(message.destination),
    Buffer.from([message.esmClass, message.registered, message.dataCoding]),
    tlvBytes(message.text.length > 0 ? [...message.tlvs, payload] : message.tlvs),
  ]);
}

/** Reads fields one after the other. Strings are at most so long with the zero at their end. */
class Fields {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  octet(name: string): number {
    const value = this.#body[this.#at];
    if (value === undefined) throw new WireFault(`${name} is missing`);
    this.#at += 1;
    return value;
  }

  octets(length: number, name: string): Buffer {
    const value = this.#body.subarray(this.#at, this.#at + length);
    if (value.length < length) throw new WireFault(`${name} is cut short`);
    this.#at += length;
    return value;
  }

  string(most: number, name: string): string {
    const end = this.#body.indexOf(0, this.#at);
    if (end < 0) throw new WireFault(`${name} has no end`);
    if (end + 1 - this.#at > most) throw new WireFault(`${name} is longer than ${most}`);
    const value = this.#body.toString('latin1', this.#at, end);
    this.#at = end + 1;
    return value;
  }

  address(most: number, name: string): Address {
    return {
      ton: this.octet(`${name} TON`),
      npi: this.octet(`${name} NPI`),
      digits: this.string(most, name),
    };
  }

  /** Empty, or as long as a time is (section 7.1.1). */
  time(name: string): string {
    const value = this.string(17, name);
    if (value !== '' && !/^\d{15}[R+-]$/.test(value)) throw new WireFault(`${name} is ${value}`);
    return value;
  }

  /** All that is left. */
  tlvs(): Tlv[] {
    const found: Tlv[] = [];
    while (this.#at < this.#body.length) {
      const head = this.octets(4, 'a TLV');
      const tag = head.readUInt16BE(0);
      const value = this.octets(head.readUInt16BE(2), `TLV 0x${tag.toString(16)}`);
      found.push({ tag, value });
    }
    return found;
  }
}

/** @throws WireFault */
export function readBind(body: Buffer): BindRequest {
  const fields = new Fields(body);
  return {
    systemId: fields.string(16, 'system_id'),
    // 9 in the specification; carriers give longer ones all the same.
    password: fields.string(65, 'password'),
    systemType: fields.string(13, 'system_type'),
    interfaceVersion: fields.octet('interface_version'),
    addressRange: fields.address(41, 'address_range'),
  };
}

/** @throws WireFault */
export function readSubmit(body: Buffer): ShortMessage {
  const fields = new Fields(body);
  const head = {
    serviceType: fields.string(6, 'service_type'),
    source: fields.address(21, 'source_addr'),
    destination: fields.address(21, 'destination_addr'),
    esmClass: fields.octet('esm_class'),
    protocolId: fields.octet('protocol_id'),
    priority: fields.octet('priority_flag'),
    scheduled: fields.time('schedule_delivery_time'),
    validity: fields.time('validity_period'),
    registered: fields.octet('registered_delivery'),
    replace: fields.octet('replace_if_present_flag'),
    dataCoding: fields.octet('data_coding'),
    defaultMessage: fields.octet('sm_default_msg_id'),
  };
  const length = fields.octet('sm_length');
  if (length > 254) throw new WireFault(`sm_length ${length}`);
  const text = fields.octets(length, 'short_message');
  const tlvs = fields.tlvs();
  if (length > 0 && tlvs.some(({ tag }) => tag === tags.messagePayload)) {
    throw new WireFault('short_message and message_payload');
  }
  return { ...head, text, tlvs };
}

/** The answer's message_id, of which it may be the whole body (sections 4.6.2, 4.7.2). @throws WireFault */
export function readMessageId(body: Buffer): string {
  return body.length === 0 ? '' : new Fields(body).string(65, 'message_id');
}
