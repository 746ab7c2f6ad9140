import type { Address, ShortMessage, Tlv } from './wire.ts';
import { tags } from './wire.ts';

/** A message that a handset sends. */
export interface FromHandset {
  from: string;
  to: string;
  /** One text, or those of its parts. Bytes are sent as they are. */
  text: string | Buffer | readonly (string | Buffer)[];
  /** 0 GSM, unpacked; 3 Latin-1; 8 UTF-16, big end first. */
  dataCoding?: 0 | 3 | 8;
  /** How parts are marked; several texts without it are several messages. */
  parts?: 'udh8' | 'udh16' | 'sar';
  /** The common number of the parts. */
  reference?: number;
  /** Which parts are sent, in which order, from 1: [2, 1, 1] has one twice, [1, 3] leaves one out. */
  order?: readonly number[];
  /** The text is in message_payload. */
  payload?: boolean;
  by?: 'deliver_sm' | 'data_sm';
  esmClass?: number;
  tlvs?: readonly Tlv[];
  /** Whose binds it is for; left out: any. */
  systemId?: string;
}

/** The PDUs that carry it, in the order they are sent. */
export function messagesOf(sent: FromHandset): ShortMessage[] {
  const texts = Array.isArray(sent.text) ? sent.text : [sent.text as string | Buffer];
  const order = sent.order ?? texts.map((_, index) => index + 1);
  return order.map((number) => messageOf(sent, texts[number - 1] ?? '', number, texts.length));
}

function messageOf(
  sent: FromHandset,
  text: string | Buffer,
  number: number,
  total: number,
): ShortMessage {
  const { dataCoding = 0, reference = 7, parts } = sent;
  const header = parts === undefined ? Buffer.alloc(0) : headerOf(parts, reference, number, total);
  const bytes = Buffer.concat([header, Buffer.isBuffer(text) ? text : encode(text, dataCoding)]);
  const tlvs = [...(sent.tlvs ?? [])];
  if (parts === 'sar') tlvs.push(...sarTlvs(reference, number, total));
  if (sent.payload === true) tlvs.push({ tag: tags.messagePayload, value: bytes });
  return {
    serviceType: '',
    source: address(sent.from),
    destination: address(sent.to),
    esmClass: (sent.esmClass ?? 0) | (header.length > 0 ? 0x40 : 0),
    protocolId: 0,
    priority: 0,
    scheduled: '',
    validity: '',
    registered: 0,
    replace: 0,
    dataCoding,
    defaultMessage: 0,
    text: sent.payload === true ? Buffer.alloc(0) : bytes,
    tlvs,
  };
}

/** International and ISDN, or alphanumeric, by its look; a plus sign is not sent. */
function address(text: string): Address {
  const digits = text.replace(/^\+/, '');
  return /^\d+$/.test(digits) ? { ton: 1, npi: 1, digits } : { ton: 5, npi: 0, digits };
}

/** 3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8. */
function headerOf(
  parts: 'udh8' | 'udh16' | 'sar',
  reference: number,
  number: number,
  total: number,
): Buffer {
  if (parts === 'udh8') return Buffer.from([5, 0x00, 3, reference & 0xff, total, number]);
  if (parts === 'udh16') {
    return Buffer.from([6, 0x08, 4, (reference >> 8) & 0xff, reference & 0xff, total, number]);
  }
  return Buffer.alloc(0);
}

function sarTlvs(reference: number, number: number, total: number): Tlv[] {
  return [
    { tag: tags.sarReference, value: Buffer.from([(reference >> 8) & 0xff, reference & 0xff]) },
    { tag: tags.sarTotal, value: Buffer.from([total]) },
    { tag: tags.sarNumber, value: Buffer.from([number]) },
  ];
}

/** Where GSM 03.38 has these; all other characters here are where ASCII has them. */
const gsm = new Map<string, number[]>([
  ['@', [0x00]],
  ['£', [0x01]],
  ['$', [0x02]],
  ['è', [0x04]],
  ['é', [0x05]],
  ['ù', [0x06]],
  ['ò', [0x08]],
  ['_', [0x11]],
  ['ä', [0x7b]],
  ['ö', [0x7c]],
  ['ñ', [0x7d]],
  ['ü', [0x7e]],
  ['à', [0x7f]],
  ['[', [0x1b, 0x3c]],
  [']', [0x1b, 0x3e]],
  ['{', [0x1b, 0x28]],
  ['}', [0x1b, 0x29]],
  ['€', [0x1b, 0x65]],
]);

function encode(text: string, dataCoding: 0 | 3 | 8): Buffer {
  if (dataCoding === 3) return Buffer.from(text, 'latin1');
  if (dataCoding === 8) return Buffer.from(text, 'utf16le').swap16();
  return Buffer.from([...text].flatMap((one) => gsm.get(one) ?? [one.charCodeAt(0)]));
}
