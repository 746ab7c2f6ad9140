import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Credential } from '../core/accounts/account.ts';
import type { Gateway } from '../core/gateway.ts';
import type { CredentialId, NodeId } from '../core/ids.ts';
import type { Timer } from '../core/ports/clock.ts';
import { AllowList, plainAddress } from '../dialects/shared/allow-list.ts';
import { Bucket } from './bucket.ts';
import { Connections } from './connections.ts';
import { Deliveries } from './deliveries.ts';
import type { EsmeTools } from './esme.ts';
import { Esme } from './esme.ts';
import { giveUpIncomplete } from './gather.ts';
import { RefusalLog } from './refusal-log.ts';
import type { ServerLog } from './server-log.ts';
import type { ServerSettings } from './settings.ts';
import { credentialSettingsOf } from './settings.ts';

/** How soon a client is unbound whose credential was revoked, or does not allow it any more. */
const lookPauseMs = 2_000;
const sweepPauseMs = 10_000;
const expireLimit = 1_000;
const handshakeTimeoutMs = 5_000;

/** A credential of which somebody is bound here, or was until a moment ago. */
interface InUse {
  /** Kept until it is full: who binds anew has no more than who stays. */
  bucket: Bucket;
  /** The oldest first. */
  sessions: Set<Esme>;
}

/** Where customers' own SMPP clients bind: listens, counts, and ends what may not go on. */
export class SmppServer {
  readonly #gateway: Gateway;
  readonly #settings: ServerSettings;
  readonly #refused: RefusalLog;
  readonly #odd: RefusalLog;
  readonly #deliveries: Deliveries;
  readonly #tools: EsmeTools;
  readonly #servers: Server[] = [];
  readonly #esmes = new Set<Esme>();
  readonly #inUse = new Map<CredentialId, InUse>();
  readonly #connections: Connections;
  readonly #timers = new Map<string, Timer>();
  readonly #rounds = new Set<Promise<void>>();
  #serving = false;
  #stopping = false;

  constructor(
    parts: { gateway: Gateway; nodeId: NodeId; log: ServerLog },
    settings: ServerSettings,
  ) {
    const { gateway, log } = parts;
    const { clock } = gateway.delivery;
    this.#gateway = gateway;
    this.#settings = settings;
    this.#connections = new Connections(settings);
    this.#refused = new RefusalLog(log, clock, 'an SMPP client was refused');
    this.#odd = new RefusalLog(log, clock, 'an SMPP client said something odd');
    this.#deliveries = new Deliveries(parts, settings);
    this.#tools = {
      gateway,
      settings,
      deliveries: this.#deliveries,
      log,
      refused: this.#refused,
      odd: this.#odd,
      bucketOf: (login) => this.#use(login.credentialId, login.settings.throughput).bucket,
      onBound: (esme, { credentialId }) => this.#inUse.get(credentialId)?.sessions.add(esme),
      onClosed: (esme) => this.#forget(esme),
    };
  }

  /**
   * Takes the ports; whoever comes before `start` is turned away.
   * @returns where it listens, `smpp://` and `smpps://`. @throws Error when it cannot.
   */
  async listen(): Promise<string[]> {
    const { port, tls } = this.#settings;
    const urls: string[] = [];
    if (port !== null) urls.push(await this.#open(createServer(), 'connection', port, 'smpp'));
    if (tls) {
      const { cert, key } = tls;
      const server = createTlsServer({ cert, key, handshakeTimeout: handshakeTimeoutMs });
      server.on('tlsClientError', (error, { remoteAddress }) => {
        this.#odd.add({ address: remoteAddress, what: `no TLS: ${error.message}` });
      });
      urls.push(await this.#open(server, 'secureConnection', tls.port, 'smpps'));
    }
    return urls;
  }

  start(): void {
    this.#serving = true;
    this.#deliveries.start();
    this.#again('look', lookPauseMs, () => this.#endUnusable());
    this.#again('sweep', sweepPauseMs, () => this.#sweep());
  }

  /** How many are bound here. */
  get bound(): number {
    let bound = 0;
    for (const { sessions } of this.#inUse.values()) bound += sessions.size;
    return bound;
  }

  /** Listens no more, answers what is open, unbinds everybody and closes. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#serving = false;
    for (const timer of this.#timers.values()) timer.cancel();
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    const told = this.#deliveries.stop();
    await Promise.all([...this.#esmes].map((esme) => esme.leave('the server stops')));
    await told;
    await Promise.all([...closed, ...this.#rounds]);
  }

  async #open(
    server: Server,
    event: 'connection' | 'secureConnection',
    port: number,
    scheme: string,
  ): Promise<string> {
    const { host } = this.#settings;
    server.on('connection', (socket) => this.#count(socket));
    server.on(event, (socket: Socket) => this.#welcome(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // Of a connection that could not be accepted, say for want of files: others can.
    server.on('error', (error) => this.#odd.add({ what: error.message }));
    this.#servers.push(server);
    const { port: taken } = server.address() as AddressInfo;
    return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${taken}`;
  }

  /** The connection itself, before anybody has spoken. One too many is closed without a word. */
  #count(socket: Socket): void {
    if (!this.#serving) {
      socket.destroy();
      return;
    }
    const address = plainAddress(socket.remoteAddress ?? '');
    const entered = this.#connections.enter(address);
    if ('leave' in entered) {
      socket.once('close', entered.leave);
      return;
    }
    this.#refused.add({ address, why: entered.refused });
    socket.destroy();
  }

  #welcome(socket: Socket): void {
    if (socket.destroyed || !this.#serving) {
      socket.destroy();
      return;
    }
    this.#esmes.add(new Esme(socket, plainAddress(socket.remoteAddress ?? ''), this.#tools));
  }

  #use(credentialId: CredentialId, throughput: number): InUse {
    const now = this.#gateway.delivery.clock.now();
    const known = this.#inUse.get(credentialId);
    if (known) {
      known.bucket.tune(throughput, now);
      return known;
    }
    const used = { bucket: new Bucket(throughput, now), sessions: new Set<Esme>() };
    this.#inUse.set(credentialId, used);
    return used;
  }

  #forget(esme: Esme): void {
    this.#esmes.delete(esme);
    const { client } = esme;
    if (client) this.#inUse.get(client.credentialId)?.sessions.delete(esme);
  }

  /** Whoever may not be bound any more, and who has been idle for too long. */
  async #endUnusable(): Promise<void> {
    const { storage, clock } = this.#gateway.delivery;
    const { inactivityMs } = this.#settings;
    const asked = [...this.#inUse].filter(([, { sessions }]) => sessions.size > 0);
    const usable = await storage.read.credentials.usable(asked.map(([id]) => id));
    const byId = new Map(usable.map((credential) => [credential.id, credential]));
    for (const [id, used] of asked) {
      this.#apply(byId.get(id), used);
      for (const esme of used.sessions) {
        if (inactivityMs > 0 && clock.now() - esme.workedAt > inactivityMs) {
          this.#end(esme, 'nothing was asked or told for long');
        }
      }
    }
  }

  /**
   * A credential as it is now, for those who are bound with it; undefined where it is of no use any more.
   * Beyond `maxBinds` the newest go, of this node's.
   */
  #apply(credential: Credential | undefined, { bucket, sessions }: InUse): void {
    const settings = credential && credentialSettingsOf(credential.settings);
    const allowed = settings && new AllowList(settings.allow);
    if (settings) bucket.tune(settings.throughput, this.#gateway.delivery.clock.now());
    for (const [nth, esme] of [...sessions].entries()) {
      if (!credential) this.#end(esme, 'its credential was revoked, or its account suspended');
      else if (!settings) this.#end(esme, 'its credential has settings of no sense');
      else if (!allowed?.allows(esme.address))
        this.#end(esme, 'its address is not allowed any more');
      else if (nth >= settings.maxBinds) this.#end(esme, 'fewer may be bound than before');
    }
  }

  #end(esme: Esme, reason: string): void {
    const leaving = esme.leave(reason).finally(() => this.#rounds.delete(leaving));
    this.#rounds.add(leaving);
  }

  /** What nobody came for in time, and messages of which pieces never came. */
  async #sweep(): Promise<void> {
    const { storage, clock } = this.#gateway.delivery;
    const now = clock.now();
    const which = { dueBefore: now - this.#settings.keepMs, now, limit: expireLimit };
    let expired = expireLimit;
    while (expired === expireLimit && !this.#stopping) {
      expired = await storage.write((tx) => tx.notifications.expireForSessions(which));
    }
    await giveUpIncomplete(this.#gateway);
    await this.#gateway.forgetGathered();
    for (const [id, { bucket, sessions }] of this.#inUse) {
      if (sessions.size === 0 && bucket.isFull(clock.now())) this.#inUse.delete(id);
    }
  }

  /** Again and again, never twice at once; one round that fails is as if it had not been. */
  #again(name: string, pauseMs: number, task: () => Promise<void>): void {
    const plan = (): void => {
      if (this.#stopping) return;
      this.#timers.set(
        name,
        this.#gateway.delivery.clock.after(pauseMs, () => {
          const round = task()
            .catch((error: unknown) => this.#odd.add({ err: error, what: `${name} failed` }))
            .finally(() => {
              this.#rounds.delete(round);
              plan();
            });
          this.#rounds.add(round);
        }),
      );
    };
    plan();
  }
}
