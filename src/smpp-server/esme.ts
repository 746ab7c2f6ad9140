import type { Socket } from 'node:net';
import type { Gateway } from '../core/gateway.ts';
import type { AccountId } from '../core/ids.ts';
import type { BindCommand, PduOf, RequestPdu } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { numberTlv } from '../smpp/codec/tlv.ts';
import type { Reply } from '../smpp/session.ts';
import { Session } from '../smpp/session.ts';
import type { Login } from './authenticate.ts';
import { logIn } from './authenticate.ts';
import type { Bucket } from './bucket.ts';
import type { DeliverSm } from './deliver-sm.ts';
import type { Deliveries, Listener } from './deliveries.ts';
import type { Hearing } from './heard.ts';
import { cancel, query } from './lookups.ts';
import type { Client } from './outgoing.ts';
import { channel } from './outgoing.ts';
import { refusal } from './refusals.ts';
import type { RefusalLog } from './refusal-log.ts';
import { causeOf, Refused, statusOfError } from './refused.ts';
import type { ServerLog } from './server-log.ts';
import type { ServerSettings } from './settings.ts';
import { Stranger } from './stranger.ts';
import { submit, submitMulti } from './submit.ts';
import { Telling } from './telling.ts';
import { Turnstile } from './turnstile.ts';

/** What the server gives to each connection. */
export interface EsmeTools {
  gateway: Gateway;
  settings: ServerSettings;
  deliveries: Deliveries;
  log: ServerLog;
  refused: RefusalLog;
  odd: RefusalLog;
  /** The one that all sessions of a credential share on this node. */
  bucketOf(login: Extract<Login, { ok: true }>): Bucket;
  onBound(esme: Esme, client: Client): void;
  onClosed(esme: Esme): void;
}

interface Bound {
  command: BindCommand;
  client: Client;
  accountName: string;
  systemId: string;
  version: number;
  since: number;
  release: () => void;
}

type Answering = (reply: Reply) => void;
type Task = (client: Client, gateway: Gateway) => Promise<Reply>;

/** What is open when a session shall end may take so long to be answered, and the unbind, too. */
const patienceMs = 5_000;
/** A submit_multi's is 254 rows, a cancel_sm without an id more: what one client looks up, others wait for. */
const mostLookups = 4;
/** What we say that we are, in binds' answers: as long as a system_id may be. */
const ownSystemId = 'Parlance';
/** The interface version that is spoken; older clients are not told of it in an optional parameter. */
const version34 = 0x34;

/**
 * One connection of a client (an ESME, in SMPP's words).
 *
 *   open ──bind──▶ binding ──▶ bound ──told to leave──▶ leaving ──▶ closed
 *     │               └──refused──▶ closed
 *     └──5 s without a bind, or too much else──▶ closed
 *
 * While it leaves, nothing new is taken or told, and what is open is answered.
 */
export class Esme implements Listener {
  readonly address: string;
  readonly #tools: EsmeTools;
  readonly #session: Session;
  readonly #telling: Telling;
  readonly #stranger: Stranger;
  readonly #lookups = new Turnstile(mostLookups);
  #state: 'open' | 'binding' | 'bound' | 'leaving' | 'closed' = 'open';
  #bound: Bound | undefined;
  #open = 0;
  #workedAt: number;
  #calm: (() => void) | undefined;

  constructor(socket: Socket, address: string, tools: EsmeTools) {
    this.address = address;
    this.#tools = tools;
    const { clock } = tools.gateway.delivery;
    this.#workedAt = clock.now();
    this.#session = new Session(
      socket,
      clock,
      {
        responseTimeoutMs: tools.settings.answerTimeoutMs,
        enquireLinkMs: tools.settings.enquireLinkMs,
        mostOpenRequests: tools.settings.window,
      },
      {
        onRequest: (pdu, answer) => this.#take(pdu, answer),
        onClosed: (reason) => this.#closed(reason),
        onOddity: (what) => tools.odd.add({ ...this.#facts(), what }),
      },
    );
    this.#telling = new Telling(this.#session, clock, tools.settings.deliveryWindow);
    this.#stranger = new Stranger(socket, clock, (reason) => this.#session.close(reason));
  }

  /** Who is bound; undefined when nobody is. */
  get client(): Client | undefined {
    return this.#bound?.client;
  }

  /** When it last asked for anything or was told anything, beyond whether it is there. */
  get workedAt(): number {
    return this.#workedAt;
  }

  get accountId(): AccountId {
    return (this.#bound as Bound).client.accountId;
  }

  get version(): number {
    return (this.#bound as Bound).version;
  }

  get free(): number {
    return this.#state === 'bound' ? this.#telling.free : 0;
  }

  async deliver(pdu: DeliverSm, onLate: (hearing: Hearing) => void): Promise<Hearing> {
    this.#workedAt = this.#now();
    const hearing = await this.#telling.tell(pdu, onLate);
    this.#lookWhetherCalm();
    return hearing;
  }

  /** Answers what is open, unbinds and closes; resolves when it is closed, within some seconds. */
  async leave(reason: string): Promise<void> {
    if (this.#state === 'closed' || this.#state === 'leaving') return;
    const wasBound = this.#state === 'bound';
    this.#state = 'leaving';
    this.#tools.deliveries.leave(this);
    if (!wasBound) {
      this.#session.close(reason);
      return;
    }
    await this.#within(this.#whenCalm());
    await this.#within(this.#session.unbind(reason));
    this.#session.destroy(reason);
  }

  #take(pdu: RequestPdu, answer: Answering): void {
    switch (pdu.command) {
      case 'bind_receiver':
      case 'bind_transmitter':
      case 'bind_transceiver':
        void this.#bind(pdu, answer);
        return;
      case 'submit_sm':
      case 'data_sm':
        this.#work(pdu, answer, (client, gateway) => submit(pdu, client, gateway));
        return;
      case 'submit_multi':
        this.#work(pdu, answer, (client, gateway) => submitMulti(pdu, client, gateway));
        return;
      case 'query_sm':
        this.#lookUp(pdu, answer, (client, gateway) => query(pdu, client, gateway));
        return;
      case 'cancel_sm':
        this.#lookUp(pdu, answer, (client, gateway) => cancel(pdu, client, gateway));
        return;
      case 'replace_sm':
      case 'deliver_sm':
      case 'outbind':
      case 'alert_notification':
      case 'unbind':
      case 'enquire_link':
        // The first is not offered, the others are not a client's, or the session's own.
        this.#refuse(pdu, answer, this.#bound ? statuses.ESME_RINVCMDID : statuses.ESME_RINVBNDSTS);
    }
  }

  /** Does what a transmitter may ask for; never rejects. */
  #work(pdu: RequestPdu, answer: Answering, task: Task): void {
    const bound = this.#bound;
    if (!bound || bound.command === 'bind_receiver') {
      this.#refuse(pdu, answer, statuses.ESME_RINVBNDSTS);
      return;
    }
    if (this.#state !== 'bound') {
      this.#refuse(pdu, answer, statuses.ESME_RSYSERR);
      return;
    }
    this.#open += 1;
    this.#workedAt = this.#now();
    task(bound.client, this.#tools.gateway)
      .catch((error: unknown) => this.#refusalFor(error, pdu))
      .then((reply) => {
        this.#open -= 1;
        if (reply) answer(reply);
        this.#lookWhetherCalm();
      })
      .catch((error: unknown) => this.#session.destroy(`an answer failed: ${String(error)}`));
  }

  /** The same of what looks into the storage: few at once, and none for a client that has gone meanwhile. */
  #lookUp(pdu: RequestPdu, answer: Answering, task: Task): void {
    this.#work(pdu, answer, (client, gateway) =>
      this.#lookups.pass(async () => {
        if (this.#state !== 'closed') return task(client, gateway);
        throw new Refused(statuses.ESME_RSYSERR, 'nobody waits for it');
      }),
    );
  }

  #refusalFor(error: unknown, pdu: RequestPdu): Reply | undefined {
    const { status, loggable } = statusOfError(error);
    if (loggable) {
      this.#tools.refused.add({ ...this.#facts(), ...causeOf(error), command: pdu.command });
    }
    return refusal(pdu, status);
  }

  #refuse(pdu: RequestPdu, answer: Answering, status: number): void {
    const reply = refusal(pdu, status);
    if (reply) answer(reply);
    if (!this.#bound) this.#stranger.stray();
  }

  async #bind(pdu: PduOf<BindCommand>, answer: Answering): Promise<void> {
    if (this.#state !== 'open') {
      this.#refuse(pdu, answer, statuses.ESME_RALYBND);
      return;
    }
    this.#state = 'binding';
    this.#stranger.binds();
    let login: Login;
    try {
      login = await logIn(pdu, this.address, this.#tools.gateway);
      if (login.ok) await this.#tools.gateway.owner.listenOverSessions(login.accountId, channel);
    } catch (error) {
      login = { ok: false, status: statuses.ESME_RSYSERR, why: String(error) };
    }
    // It may be gone by now, or shall be.
    if (this.#state !== 'binding') {
      if (login.ok) login.release();
      return;
    }
    if (!login.ok) {
      const { status, why } = login;
      this.#tools.refused.add({ ...this.#facts(), systemId: shown(pdu.systemId), status, why });
      this.#refuse(pdu, answer, status);
      this.#session.close('its bind was refused');
      return;
    }
    this.#become(pdu, login);
    const tlvs =
      pdu.interfaceVersion >= version34 ? [numberTlv('sc_interface_version', version34)] : [];
    answer({ command: `${pdu.command}_resp`, status: 0, systemId: ownSystemId, tlvs });
    if (pdu.command === 'bind_transmitter') return;
    await this.#listen();
  }

  #become(pdu: PduOf<BindCommand>, login: Extract<Login, { ok: true }>): void {
    const { accountId, accountName, credentialId, settings, release } = login;
    this.#state = 'bound';
    this.#stranger.forget();
    this.#bound = {
      command: pdu.command,
      client: { accountId, credentialId, settings, bucket: this.#tools.bucketOf(login) },
      accountName,
      systemId: pdu.systemId,
      version: pdu.interfaceVersion,
      since: this.#now(),
      release,
    };
    this.#workedAt = this.#now();
    this.#tools.onBound(this, this.#bound.client);
    this.#tools.log.info({ ...this.#facts(), version: pdu.interfaceVersion }, 'a client is bound');
  }

  async #listen(): Promise<void> {
    try {
      await this.#tools.deliveries.attend(this);
    } catch (error) {
      // It would never be told anything, and not know it: so it shall bind anew.
      this.#tools.refused.add({ ...this.#facts(), ...causeOf(error) });
      await this.leave('what there is to tell cannot be looked up');
    }
    if (this.#state !== 'bound') this.#tools.deliveries.leave(this);
  }

  #closed(reason: string): void {
    const bound = this.#bound;
    this.#state = 'closed';
    this.#stranger.forget();
    this.#tools.deliveries.leave(this);
    this.#tools.onClosed(this);
    this.#calm?.();
    if (!bound) return;
    bound.release();
    const seconds = Math.round((this.#now() - bound.since) / 1_000);
    this.#tools.log.info({ ...this.#facts(), reason, seconds }, 'a client is no longer bound');
  }

  #whenCalm(): Promise<void> {
    return new Promise((resolve) => {
      this.#calm = resolve;
      this.#lookWhetherCalm();
    });
  }

  #lookWhetherCalm(): void {
    if (this.#open === 0 && this.#telling.underWay === 0) this.#calm?.();
  }

  #within(done: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#tools.gateway.delivery.clock.after(patienceMs, resolve);
      void done.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #facts(): Record<string, unknown> {
    const bound = this.#bound;
    if (!bound) return { address: this.address };
    const { accountName: account, systemId, command } = bound;
    return { address: this.address, account, systemId, bind: command };
  }

  #now(): number {
    return this.#tools.gateway.delivery.clock.now();
  }
}

/** What a stranger calls himself, as far as a log line can show it. */
function shown(systemId: string): string {
  return systemId.slice(0, 20).replace(/[^\x20-\x7e]/g, '?');
}
