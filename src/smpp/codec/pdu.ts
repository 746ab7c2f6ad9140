/**
 * The protocol data units of SMPP 3.4 as values. Fields bear the specification's names in camel case,
 * so a reader finds each of them in its chapter 4; numbers stay numbers where the meaning of one is the
 * carrier's (`dataCoding`, `esmClass`), and texts of C-octet strings are Latin-1, which loses no octet.
 */

/**
 * An optional parameter (tag, length, value) exactly as it is on the wire, known or not: what this program does not
 * understand survives both ways. `tlv.ts` reads and makes the known ones.
 */
export interface Tlv {
  readonly tag: number;
  readonly value: Buffer;
}

interface Header {
  /** 1 to 0x7fffffff; an answer repeats its request's. 0 only in a `generic_nack` to what could not be read. */
  sequence: number;
  /** `command_status`: 0 in requests. */
  status: number;
}

/** The fields of the three binds. */
export interface BindFields {
  systemId: string;
  password: string;
  systemType: string;
  interfaceVersion: number;
  addrTon: number;
  addrNpi: number;
  addressRange: string;
}

export interface SourceFields {
  sourceAddrTon: number;
  sourceAddrNpi: number;
  sourceAddr: string;
}

export interface DestinationFields {
  destAddrTon: number;
  destAddrNpi: number;
  destinationAddr: string;
}

/** The mandatory fields that submit_sm and deliver_sm share, in their order. */
export interface ShortMessageFields extends SourceFields, DestinationFields {
  serviceType: string;
  esmClass: number;
  protocolId: number;
  priorityFlag: number;
  /** A time of chapter 7.1.1, or empty. */
  scheduleDeliveryTime: string;
  validityPeriod: string;
  registeredDelivery: number;
  replaceIfPresentFlag: number;
  dataCoding: number;
  smDefaultMsgId: number;
  /** At most 254 octets; empty when the text is in the parameter `message_payload`. */
  shortMessage: Buffer;
}

/** Who is meant by one line of a submit_multi: an address, or a list that the carrier keeps. */
export type MultiDestination =
  | ({ kind: 'address' } & DestinationFields)
  | { kind: 'list'; name: string };

/** One address that a submit_multi could not reach. */
export interface Unsuccessful extends DestinationFields {
  errorStatusCode: number;
}

/** One PDU for each command, so that `Extract` finds it by its name. */
type Of<Name extends string, Fields> = Name extends string
  ? Header & { command: Name } & Fields
  : never;
interface WithTlvs {
  /** In the order of the wire. Empty from a peer of SMPP 3.3, which knows none. */
  tlvs: readonly Tlv[];
}
/** A body without fields. */
type Nothing = Record<never, never>;

export type BindCommand = 'bind_receiver' | 'bind_transmitter' | 'bind_transceiver';

export type Pdu =
  | Of<BindCommand, BindFields>
  /** `systemId` is empty where the answer is an error and its peer left the body out. */
  | Of<`${BindCommand}_resp`, { systemId: string } & WithTlvs>
  | Of<'outbind', { systemId: string; password: string }>
  | Of<'unbind' | 'unbind_resp' | 'enquire_link' | 'enquire_link_resp' | 'generic_nack', Nothing>
  | Of<'submit_sm' | 'deliver_sm', ShortMessageFields & WithTlvs>
  /** `messageId` is empty where the peer left it out: in errors, and always in a deliver_sm_resp. */
  | Of<'submit_sm_resp' | 'deliver_sm_resp' | 'data_sm_resp', { messageId: string } & WithTlvs>
  | Of<
      'submit_multi',
      Omit<ShortMessageFields, keyof DestinationFields> & {
        /** 1 to 254 of them. */
        destinations: readonly MultiDestination[];
      } & WithTlvs
    >
  | Of<'submit_multi_resp', { messageId: string; unsuccessful: readonly Unsuccessful[] } & WithTlvs>
  | Of<
      'data_sm',
      SourceFields &
        DestinationFields & {
          serviceType: string;
          esmClass: number;
          registeredDelivery: number;
          dataCoding: number;
        } & WithTlvs
    >
  | Of<'query_sm', { messageId: string } & SourceFields>
  | Of<
      'query_sm_resp',
      { messageId: string; finalDate: string; messageState: number; errorCode: number }
    >
  | Of<'cancel_sm', { serviceType: string; messageId: string } & SourceFields & DestinationFields>
  | Of<'cancel_sm_resp' | 'replace_sm_resp', Nothing>
  | Of<
      'replace_sm',
      { messageId: string } & SourceFields & {
          scheduleDeliveryTime: string;
          validityPeriod: string;
          registeredDelivery: number;
          smDefaultMsgId: number;
          shortMessage: Buffer;
        } & WithTlvs
    >
  | Of<
      'alert_notification',
      SourceFields & {
        esmeAddrTon: number;
        esmeAddrNpi: number;
        esmeAddr: string;
      } & WithTlvs
    >;

export type Command = Pdu['command'];
export type PduOf<C extends Command> = Extract<Pdu, { command: C }>;
/** What is no answer. All ask for one but `outbind` and `alert_notification`. */
export type RequestPdu = Exclude<Pdu, { command: `${string}_resp` | 'generic_nack' }>;
export type ResponsePdu = Extract<Pdu, { command: `${string}_resp` }>;

/** What came whole but cannot be read as a PDU. Nothing of its content is in it: it may be logged. */
export interface BrokenPdu {
  command: 'broken';
  /** As it came; perhaps one that nobody knows. */
  commandId: number;
  sequence: number;
  /** What to answer, if it was a request (`commandId` below 0x80000000). */
  status: number;
  /** For people. */
  reason: string;
}
