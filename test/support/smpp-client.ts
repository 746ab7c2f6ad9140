import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { decodePdu } from '../../src/smpp/codec/decode.ts';
import { encodePdu } from '../../src/smpp/codec/encode.ts';
import { FrameReader } from '../../src/smpp/codec/frames.ts';
import type { BindCommand, Command, Pdu, PduOf } from '../../src/smpp/codec/pdu.ts';
import { waitUntil } from './wait-until.ts';

type Fields<C extends Command> = Partial<Omit<PduOf<C>, 'command' | 'sequence'>>;

const submission = {
  serviceType: '',
  sourceAddrTon: 5,
  sourceAddrNpi: 0,
  sourceAddr: 'CompanyABC',
  destAddrTon: 1,
  destAddrNpi: 1,
  destinationAddr: '61412345678',
  esmClass: 0,
  protocolId: 0,
  priorityFlag: 0,
  scheduleDeliveryTime: '',
  validityPeriod: '',
  registeredDelivery: 1,
  replaceIfPresentFlag: 0,
  dataCoding: 0,
  smDefaultMsgId: 0,
  shortMessage: Buffer.from('Hello'),
  tlvs: [],
} as const;

const source = { sourceAddrTon: 5, sourceAddrNpi: 0, sourceAddr: 'CompanyABC' } as const;

/** What a test need not say of a request. */
const usual = {
  submit_sm: submission,
  data_sm: submission,
  submit_multi: submission,
  query_sm: { messageId: '', ...source },
  cancel_sm: {
    serviceType: '',
    messageId: '',
    ...source,
    destAddrTon: 0,
    destAddrNpi: 0,
    destinationAddr: '',
  },
  replace_sm: {
    messageId: '',
    ...source,
    scheduleDeliveryTime: '',
    validityPeriod: '',
    registeredDelivery: 0,
    smDefaultMsgId: 0,
    shortMessage: Buffer.from('Hello'),
    tlvs: [],
  },
  enquire_link: {},
  unbind: {},
} as const;

/** A client (ESME) that a test holds in its hand, on a socket of its own. */
export class SmppClient {
  readonly socket: Socket;
  /** Every deliver_sm, in order. */
  readonly delivered: PduOf<'deliver_sm'>[] = [];
  /** Everything else that was not an answer to a request of this client. */
  readonly heard: Pdu[] = [];
  /** The status that each deliver_sm is answered; null: none is. */
  onDelivery: (pdu: PduOf<'deliver_sm'>) => number | null = () => 0;
  closed = false;
  readonly #reader = new FrameReader();
  readonly #waiting = new Map<number, (pdu: Pdu) => void>();
  #sequence = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
        if (!Buffer.isBuffer(frame)) throw new Error(frame.reason);
        this.#hear(decodePdu(frame) as Pdu);
      }
    });
  }

  /** @param url smpp://host:port */
  static async open(url: string): Promise<SmppClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const client = new SmppClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Opens and binds. @throws Error when it is refused. */
  static async bound(
    url: string,
    login: { systemId: string; password: string },
    command: BindCommand = 'bind_transceiver',
  ): Promise<SmppClient> {
    const client = await SmppClient.open(url);
    const { status } = await client.bind(login, command);
    if (status !== 0) throw new Error(`${command} was refused with status ${status}`);
    return client;
  }

  bind(
    login: { systemId: string; password: string; interfaceVersion?: number },
    command: BindCommand = 'bind_transceiver',
  ): Promise<Pdu> {
    return this.#ask(command, {
      systemType: '',
      interfaceVersion: 0x34,
      addrTon: 0,
      addrNpi: 0,
      addressRange: '',
      ...login,
    });
  }

  /** Resolves with the answer; rejects when the connection ends first. */
  ask<C extends keyof typeof usual>(command: C, fields: Fields<C> = {}): Promise<Pdu> {
    return this.#ask(command, { ...usual[command], ...fields });
  }

  /** Submits; gives the id. @throws Error for another status than 0. */
  async submit(fields: Fields<'submit_sm'> = {}): Promise<string> {
    const answer = await this.ask('submit_sm', fields);
    if (answer.command !== 'submit_sm_resp' || answer.status !== 0) {
      throw new Error(`${answer.command} with status ${answer.status}`);
    }
    return answer.messageId;
  }

  /** Answers a deliver_sm that was left open. */
  answer(pdu: PduOf<'deliver_sm'>, status: number): void {
    this.#answer('deliver_sm_resp', pdu, status);
  }

  write(octets: Buffer): void {
    this.socket.write(octets);
  }

  async hears(count: number): Promise<void> {
    await waitUntil(`${count} deliver_sm`, () => this.delivered.length >= count);
  }

  /** The texts of what was delivered, as Latin-1. */
  texts(): string[] {
    return this.delivered.map(({ shortMessage }) => shortMessage.toString('latin1'));
  }

  async unbind(): Promise<void> {
    await this.ask('unbind');
    await this.gone();
  }

  gone(): Promise<void> {
    return waitUntil('the connection has ended', () => this.closed);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #ask(command: Command, fields: object): Promise<Pdu> {
    if (this.closed) return Promise.reject(new Error('the connection has ended'));
    const sequence = ++this.#sequence;
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the connection ended before the answer'));
      this.socket.once('close', ended);
      this.#waiting.set(sequence, (answer) => {
        this.socket.off('close', ended);
        resolve(answer);
      });
      this.socket.setMaxListeners(0);
      this.write(encodePdu({ command, status: 0, ...fields, sequence } as Pdu));
    });
  }

  #hear(pdu: Pdu): void {
    const waiting = this.#waiting.get(pdu.sequence);
    if (waiting && (pdu.command.endsWith('_resp') || pdu.command === 'generic_nack')) {
      this.#waiting.delete(pdu.sequence);
      waiting(pdu);
      return;
    }
    if (pdu.command === 'deliver_sm') {
      this.delivered.push(pdu);
      const status = this.onDelivery(pdu);
      if (status !== null) this.answer(pdu, status);
      return;
    }
    this.heard.push(pdu);
    if (pdu.command === 'enquire_link' || pdu.command === 'unbind') {
      this.#answer(`${pdu.command}_resp`, pdu, 0);
    }
  }

  #answer(
    command: 'deliver_sm_resp' | 'enquire_link_resp' | 'unbind_resp',
    { sequence }: Pdu,
    status: number,
  ): void {
    this.write(encodePdu({ command, sequence, status, messageId: '', tlvs: [] }));
  }
}
