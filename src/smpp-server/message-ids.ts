import type { MessageId } from '../core/ids.ts';

/** How ids are written for a client: 32 hexadecimal digits, or 37 decimal ones (some more for pieces). */
export const idForms = ['hex', 'decimal'] as const;
export type IdForm = (typeof idForms)[number];

/**
 * What a `message_id` names. All of it stands in the id itself, so that any node can read it, and after
 * any restart.
 */
export type Named =
  | { kind: 'message'; id: MessageId }
  /** A piece of a message that its client sent in several; from 1. */
  | { kind: 'piece'; id: MessageId; number: number }
  /** The messages of one submit_multi: `id` is the first one's, the others follow (`idAt`). */
  | { kind: 'multi'; id: MessageId; count: number };

/** Of one submit_multi (SMPP 3.4, 4.5.1: number_of_dests). */
const mostDestinations = 254;
const PIECE = 1;
const MULTI = 2;
/** Kind and number stand in 16 bits behind the 128 of the id. */
const suffixBits = 16n;
const beyondIds = 1n << 128n;
const digits = { message: 32, more: 36 } as const;

/** At most 44 characters, of the 64 that SMPP 3.4 allows (5.2.23). */
export function writeId(named: Named, form: IdForm): string {
  const id = numberOf(named.id);
  switch (named.kind) {
    case 'message':
      return form === 'hex' ? hexOf(id, digits.message) : String(id);
    case 'piece':
      return suffixed(id, PIECE, named.number, form);
    case 'multi':
      return suffixed(id, MULTI, named.count, form);
  }
}

/** Takes either form, which are told apart by their length; undefined for what is no id of ours. */
export function readId(text: string): Named | undefined {
  const hex = /^(?:[0-9a-f]{32}|[0-9a-f]{36})$/i.test(text);
  if (!hex && !/^[1-9]\d{36,43}$/.test(text)) return undefined;
  const number = BigInt(hex ? `0x${text}` : text);
  if (number >> suffixBits >= beyondIds) return undefined;
  if (hex ? text.length === digits.message : number < beyondIds) {
    return { kind: 'message', id: uuidOf(number) };
  }
  const id = uuidOf(number >> suffixBits);
  const suffix = Number(number & 0xffffn);
  const count = suffix & 0xff;
  switch (suffix >> 8) {
    case PIECE:
      return count > 0 ? { kind: 'piece', id, number: count } : undefined;
    case MULTI:
      // The first one's, and no more than a submit_multi can have: nothing else was written by us.
      return count > 0 && count <= mostDestinations && idAt(id, 0) === id
        ? { kind: 'multi', id, count }
        : undefined;
    default:
      return undefined;
  }
}

/** Of the last four octets of an id, which are random and nothing else (`uuidv7`), the first. */
const spareBits = 24n;

/**
 * The id of one of up to 256 messages that share what is told of them: those of one submit_multi. Counted
 * where ids are random, so that it meets no other id.
 */
export function idAt(first: MessageId, position: number): MessageId {
  return uuidOf((numberOf(first) & ~(0xffn << spareBits)) | (BigInt(position) << spareBits));
}

/** When an id was made: a UUID of version 7 begins with it. */
export function instantOf(id: MessageId): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function suffixed(id: bigint, kind: number, count: number, form: IdForm): string {
  const number = (id << suffixBits) | BigInt((kind << 8) | count);
  return form === 'hex' ? hexOf(number, digits.more) : String(number);
}

function numberOf(id: MessageId): bigint {
  return BigInt(`0x${id.replaceAll('-', '')}`);
}

function hexOf(number: bigint, length: number): string {
  return number.toString(16).padStart(length, '0');
}

function uuidOf(number: bigint): MessageId {
  const hex = hexOf(number, digits.message);
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ];
  return groups.join('-') as MessageId;
}
