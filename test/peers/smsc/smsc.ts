import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { seededRandom } from '../../support/seeded-random.ts';
import type { FromHandset } from './handset.ts';
import { messagesOf } from './handset.ts';
import { Intake } from './intake.ts';
import type { Delivery, Submit } from './ledger.ts';
import { Outbox } from './outbox.ts';
import type { Bind } from './session.ts';
import { Session } from './session.ts';
import type { BindAnswer, SmscOptions, SmscSettings } from './settings.ts';
import { Timers } from './timers.ts';
import type { BindRequest, RawPdu } from './wire.ts';
import { commands, cString, readBind, statuses, tags, tlvBytes, WireFault } from './wire.ts';

/** Starts a carrier on loopback. */
export async function startSmsc(options: SmscOptions = {}): Promise<Smsc> {
  const smsc = new Smsc(options);
  await smsc.listen();
  return smsc;
}

/** A carrier that does what a test wants, and remembers what was done to it. */
export class Smsc {
  readonly settings: SmscSettings;
  /** All connections that there have been. */
  readonly sessions: Session[] = [];
  /** Where clients did not keep to the protocol; a test expects none. */
  readonly faults: string[] = [];
  readonly #server: Server;
  readonly #timers: Timers;
  readonly #outbox: Outbox;
  readonly #intake: Intake;
  #port: number;
  #binds = 0;

  constructor(options: SmscOptions) {
    const { port = 0, tls, seed = 1, ids, ...rest } = options;
    this.settings = {
      logins: null,
      binds: ['take'],
      interfaceVersion: 0x34,
      rules: [],
      answersEnquireLink: true,
      resendMs: null,
      log: null,
      ...rest,
      ids: { answer: 'decimal', receipt: ids?.answer ?? 'decimal', reuseAfter: Infinity, ...ids },
    };
    this.#port = port;
    const random = seededRandom(seed);
    const onFault = (fault: string) => void this.faults.push(fault);
    this.#timers = new Timers(random);
    const resendMs = () => this.settings.resendMs;
    this.#outbox = new Outbox(this.sessions, this.#timers, resendMs, onFault);
    this.#intake = new Intake(this.settings, this.#timers, this.#outbox, random, onFault);
    const serve = (socket: Socket) => this.#serve(socket);
    this.#server = tls ? createTlsServer(tls, serve) : createServer(serve);
  }

  get port(): number {
    return this.#port;
  }

  /** Every submit_sm, refused ones too. */
  get submits(): readonly Submit[] {
    return this.#intake.submits;
  }

  /** Those that the carrier has: what handsets get. */
  get taken(): Submit[] {
    return this.submits.filter(({ taken }) => taken);
  }

  /** Receipts and handsets' messages, sent and waiting. */
  get deliveries(): readonly Delivery[] {
    return this.#outbox.deliveries;
  }

  /** Binds that were asked for, the latest of each connection. */
  get binds(): Bind[] {
    return this.sessions.flatMap(({ bind }) => bind ?? []);
  }

  /** The most submits without an answer that one bind had at a time. */
  get mostOpen(): number {
    return this.#intake.mostOpen;
  }

  /** Answers that are held back, and deliveries that wait for a bind or an answer. */
  get pending(): number {
    return this.#timers.pending + this.#outbox.pending;
  }

  /** Bound sessions. */
  get bound(): Session[] {
    return this.sessions.filter((session) => session.bound);
  }

  /** @returns for each PDU the status it was answered with; null where none came. */
  deliver(sent: FromHandset): Promise<(number | null)[]> {
    return Promise.all(
      messagesOf(sent).map((message) =>
        this.#outbox.send(
          { kind: 'message', submit: null, stat: null, session: null, status: null, tries: 0 },
          {
            message,
            by: sent.by ?? 'deliver_sm',
            systemId: sent.systemId ?? null,
            origin: null,
            on: 'same',
          },
        ),
      ),
    );
  }

  /** Sends so many requests to a bound session in one go. @returns how many were answered. */
  async flood(kind: 'enquire_link' | 'deliver_sm', count: number): Promise<number> {
    const answers =
      kind === 'enquire_link'
        ? await Promise.all(
            Array.from({ length: count }, () => this.#anyBound().request(commands.enquire_link)),
          )
        : await this.deliver({
            from: '61400000000',
            to: '61499999999',
            text: Array.from({ length: count }, (_, index) => `flood ${index}`),
          });
    return answers.filter((answer) => answer !== null).length;
  }

  /** Asks all bound sessions to unbind, and waits for their answers or ends. */
  async unbindAll(): Promise<void> {
    await Promise.all(this.bound.map((session) => session.request(commands.unbind)));
  }

  /** Cuts all lines; resolves when they are gone. */
  async dropAll(): Promise<void> {
    for (const session of this.sessions) session.cut();
  }

  /** Listens, at first or again, on the same port. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Nobody can connect any more. Lines that are open stay so. */
  deafen(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    this.#timers.close();
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    await this.dropAll();
    await closed;
  }

  #anyBound(): Session {
    const [session] = this.bound;
    if (!session) throw new Error('no session is bound');
    return session;
  }

  #serve(socket: Socket): void {
    const session = new Session(socket, this.sessions.length + 1, {
      onRequest: (from, pdu) => this.#take(from, pdu),
      onClosed: () => {},
      onFault: (fault) => void this.faults.push(fault),
    });
    this.sessions.push(session);
  }

  #take(session: Session, pdu: RawPdu): void {
    switch (pdu.command) {
      case commands.bind_receiver:
      case commands.bind_transmitter:
      case commands.bind_transceiver:
        this.#bind(session, pdu);
        return;
      case commands.submit_sm:
        if (session.transmits) this.#intake.take(session, pdu);
        else {
          this.faults.push(`session ${session.number}: submit_sm without a bind for it`);
          session.answer(pdu, statuses.notBound);
        }
        return;
      case commands.enquire_link:
        if (this.settings.answersEnquireLink) session.answer(pdu, statuses.ok);
        return;
      case commands.unbind:
        session.unbound = true;
        session.answer(pdu, statuses.ok);
        return;
      default:
        session.answer(pdu, statuses.invalidCommand);
    }
  }

  #bind(session: Session, pdu: RawPdu): void {
    let request: BindRequest;
    try {
      request = readBind(pdu.body);
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      this.faults.push(`session ${session.number}: bind: ${error.message}`);
      session.answer(pdu, statuses.invalidLength);
      return;
    }
    const { binds, interfaceVersion } = this.settings;
    const wish = binds[Math.min(this.#binds++, binds.length - 1)] ?? 'take';
    const status = session.bound ? statuses.alreadyBound : this.#statusOf(request, wish);
    session.bind = { ...request, command: bindNames[pdu.command] as Bind['command'], status };
    this.settings.log?.({ bind: request.systemId, status });
    if (wish === 'cut') session.cut();
    if (status === null) return;
    const tlv = interfaceVersion === null ? [] : [interfaceVersion];
    const version = { tag: tags.scInterfaceVersion, value: Buffer.from(tlv) };
    const body = Buffer.concat([cString('smsc'), tlvBytes(tlv.length > 0 ? [version] : [])]);
    session.answer(pdu, status, status === statuses.ok ? body : undefined);
    if (status === statuses.ok) this.#outbox.wake();
  }

  /** Null: no answer. */
  #statusOf({ systemId, password }: BindRequest, wish: BindAnswer): number | null {
    if (wish === 'ignore' || wish === 'cut') return null;
    if (wish !== 'take') return wish.refuse;
    const { logins } = this.settings;
    if (!logins || logins[systemId] === password) return statuses.ok;
    return systemId in logins ? statuses.wrongPassword : statuses.unknownSystemId;
  }
}

const bindNames: Readonly<Record<number, Bind['command']>> = {
  [commands.bind_receiver]: 'bind_receiver',
  [commands.bind_transmitter]: 'bind_transmitter',
  [commands.bind_transceiver]: 'bind_transceiver',
};
