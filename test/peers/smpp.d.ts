/** The part of the npm package `smpp` 0.5.1 that the tests compare with; the package has no types of its own. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server } from 'node:net';
  import type { Duplex } from 'node:stream';

  /** A command's fields, or a TLV's value, under the names of the specification in snake case. */
  type Fields = Record<string, unknown>;

  class PDU {
    constructor(command: string | Buffer, fields?: Fields);
    readonly command: string;
    readonly sequence_number: number;
    [field: string]: unknown;
    toBuffer(): Buffer;
    response(fields?: Fields): PDU;
  }

  /** Emits `pdu` for each that it reads, and `error`. */
  class Session extends EventEmitter<{ pdu: [PDU]; error: [Error] }> {
    constructor(options: { socket: Duplex });
    send(pdu: PDU, onAnswer?: (answer: PDU) => void): boolean;
    close(): void;
    destroy(): void;
  }

  const smpp: {
    PDU: typeof PDU;
    Session: typeof Session;
    createServer(onSession: (session: Session) => void): Server;
    connect(options: { url: string }, onConnected: () => void): Session;
    commands: Record<string, { id: number; params?: Record<string, unknown> }>;
    tlvs: Record<string, { id: number; type: { size(value: unknown): number } }>;
    errors: Record<string, number>;
  };
  export default smpp;
}
