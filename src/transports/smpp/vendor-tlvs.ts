import type { Tlv } from '../../smpp/codec/pdu.ts';
import type { SmppSettings } from './settings.ts';

/** Optional parameters that a carrier or its law wants, such as the 0x1400 to 0x1402 of India's DLT. */
export class VendorTlvs {
  readonly #all: readonly Tlv[];
  readonly #bySender = new Map<string, Tlv[]>();

  constructor(settings: SmppSettings['tlvs']) {
    const forAll = settings.filter(({ senders }) => senders === undefined);
    this.#all = forAll.map(tlvOf);
    for (const one of settings) {
      for (const sender of one.senders ?? []) {
        const own = this.#bySender.get(sender) ?? [...this.#all];
        // A sender's own value takes the place of the one for all.
        const others = own.filter(({ tag }) => tag !== one.tag);
        this.#bySender.set(sender, [...others, tlvOf(one)]);
      }
    }
  }

  of(sender: string): readonly Tlv[] {
    return this.#bySender.get(sender) ?? this.#all;
  }
}

function tlvOf({ tag, text, hex, number, octets }: SmppSettings['tlvs'][number]): Tlv {
  // Texts end with a NUL: all of India's are C-octet strings, and so is most of what the standard has.
  if (text !== undefined) return { tag, value: Buffer.from(`${text}\0`, 'latin1') };
  if (hex !== undefined) return { tag, value: Buffer.from(hex, 'hex') };
  const value = Buffer.alloc(octets);
  value.writeUIntBE(number ?? 0, 0, octets);
  return { tag, value };
}
