import { createHmac, randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import type { Air } from './air.ts';
import type { Habits } from './habits.ts';
import { Chance, wellBehaved } from './habits.ts';
import type { StreamEvent } from './stream.ts';
import { EventStream } from './stream.ts';
import type { Answer, Asked } from './wire.ts';
import { ask } from './wire.ts';

/** A message as the gateway gives it. */
export interface GivenMessage {
  id: string;
  message: string;
  textMessage: { text: string };
  phoneNumbers: string[];
  simNumber?: number;
  withDeliveryReport: boolean;
  isEncrypted: boolean;
  validUntil: string;
  priority: number;
  state: 'Pending' | 'Cancelling';
  createdAt: string;
}

export type PhoneState = 'Pending' | 'Processed' | 'Sent' | 'Delivered' | 'Failed' | 'Cancelled';

interface Known {
  message: GivenMessage;
  state: PhoneState;
  error?: string;
  states: Partial<Record<PhoneState, string>>;
}

export interface Hook {
  id: string;
  url: string;
  event: string;
}

export interface PhoneWish {
  /** Of the API: what its user types in as the server's URL. */
  base: string;
  air?: Air;
  version?: string;
  name?: string;
  habits?: Habits;
  seed?: number;
  agent?: Agent;
  /** By its own clock, which may be wrong. */
  now?: () => number;
  /** What becomes of a message it sends. Default: delivered. */
  fate?: (message: GivenMessage) => { state: PhoneState; error?: string };
  /** Where it reaches its hooks; the gateway names its public URL. */
  hooksAt?: string;
}

const nobody = { send: () => {} };

/** The app, as its server knows it. */
export class FakePhone {
  base: string;
  readonly version: string;
  id = '';
  token = '';
  hooks: Hook[] = [];
  settings: Record<string, Record<string, unknown>> = {};
  /** What it has in its database: it sends nothing twice under one id. */
  readonly known = new Map<string, Known>();
  /** Requests that were not answered with 2xx, by what was asked. */
  readonly refused: string[] = [];
  readonly #air: Pick<Air, 'send'>;
  readonly #wish: PhoneWish;
  #hooksAt: string | undefined;
  readonly #habits: Habits;
  readonly #chance: Chance;
  readonly #now: () => number;

  constructor(wish: PhoneWish) {
    this.base = wish.base;
    this.version = wish.version ?? '1.68.0';
    this.#wish = wish;
    this.#hooksAt = wish.hooksAt;
    this.#air = wish.air ?? nobody;
    this.#habits = wish.habits ?? wellBehaved;
    this.#chance = new Chance(wish.seed ?? 1);
    this.#now = wish.now ?? Date.now;
  }

  get userAgent(): string {
    return `me.capcom.smsgateway/${this.version}`;
  }

  /** Its gateway is found elsewhere now. @param url without a path. */
  follow(url: string): void {
    this.base = `${url}${new URL(this.base).pathname}`;
    this.#hooksAt = url;
  }

  /** Asks the gateway as this phone. */
  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const answer = await ask(method, `${this.base}${path}`, {
      agent: this.#wish.agent,
      ...asked,
      headers: {
        'user-agent': this.userAgent,
        ...(this.token !== '' && { authorization: `Bearer ${this.token}` }),
        ...asked.headers,
      },
    });
    if (answer.status >= 300) this.refused.push(`${method} ${path} ${answer.status}`);
    return answer;
  }

  /** @param authorization `Bearer <private token>`, `Code …` or `Basic …`. */
  async register(authorization: string, more: Record<string, unknown> = {}): Promise<Answer> {
    const answer = await this.ask('POST', '/device', {
      headers: { authorization },
      body: { name: this.#wish.name ?? 'Google/sdk_gphone64_x86_64', ...more },
    });
    if (answer.status === 201) {
      const { id, token } = JSON.parse(answer.body) as { id: string; token: string };
      this.id = id;
      this.token = token;
    }
    return answer;
  }

  /** What the app does when it is started. */
  async start(): Promise<void> {
    await this.ask('PATCH', '/device', { body: { id: this.id } });
    await this.sync();
  }

  async sync(): Promise<void> {
    this.hooks = JSON.parse((await this.ask('GET', '/webhooks')).body) as Hook[];
    this.settings = JSON.parse((await this.ask('GET', '/settings')).body) as typeof this.settings;
  }

  /** Asks for messages and keeps what is new; gives what came. */
  async pull(order?: string): Promise<GivenMessage[]> {
    const query = order === undefined ? '' : `?order=${order}`;
    const answer = await this.ask('GET', `/message${query}`);
    if (answer.status !== 200) return [];
    const given = JSON.parse(answer.body) as GivenMessage[];
    for (const message of given) await this.#keep(message);
    return given;
  }

  async #keep(message: GivenMessage): Promise<void> {
    const known = this.known.get(message.id);
    if (!known) {
      const state = message.state === 'Cancelling' ? 'Cancelled' : 'Pending';
      const fresh: Known = { message, state, states: { [state]: this.#instant() } };
      this.known.set(message.id, fresh);
      if (state === 'Cancelled') await this.#say(fresh);
      return;
    }
    if (message.state === 'Cancelling') this.#cancel(known);
    // As the app does: it says again what it knows.
    if (known.state !== 'Pending') await this.#say(known);
  }

  /** What it was told to take back, if it has not sent it. */
  async cancel(id: string): Promise<void> {
    const known = this.known.get(id);
    if (known && this.#cancel(known)) await this.#say(known);
  }

  #cancel(known: Known): boolean {
    if (known.state !== 'Pending') return false;
    this.#become(known, 'Cancelled');
    return true;
  }

  /** Sends what it has and has not sent, and says what became of it. */
  async work(): Promise<void> {
    for (const known of this.known.values()) {
      if (known.state === 'Pending') await this.#send(known);
    }
  }

  async #send(known: Known): Promise<void> {
    const { message } = known;
    if (Date.parse(message.validUntil) < this.#now()) {
      this.#become(known, 'Failed', 'TTL expired');
      await this.#say(known);
      return;
    }
    const { state, error } = this.#wish.fate?.(message) ?? { state: 'Delivered' as const };
    const steps = stepsTo(state);
    if (steps.includes('Sent')) this.#air.send(message.phoneNumbers[0] ?? '', message.message);
    const says: (() => Promise<void>)[] = [];
    for (const step of steps) {
      this.#become(known, step, step === 'Failed' ? error : undefined);
      const asItIs = { ...known, states: { ...known.states } };
      const last = step === steps.at(-1);
      // The last it says sooner or later, by whichever way; of the others it may say nothing.
      if (!last && this.#chance.happens(this.#habits.loses)) continue;
      says.push(() => this.#say(asItIs));
      if (this.#chance.happens(this.#habits.repeats)) says.push(() => this.#say(asItIs));
      if (this.#chance.happens(this.#habits.hooks)) says.push(() => this.#sayAtHook(asItIs));
    }
    const inOrder = this.#chance.happens(this.#habits.shuffles)
      ? this.#chance.shuffled(says)
      : says;
    for (const say of inOrder) await say();
  }

  #become(known: Known, state: PhoneState, error?: string): void {
    known.state = state;
    known.states[state] = this.#instant();
    if (error !== undefined) known.error = error;
  }

  /** What it could not say, since its line broke: the app tries again. */
  readonly unsaid: Known[] = [];

  /** Says what it could not say before. */
  async sayAgain(): Promise<void> {
    for (const known of this.unsaid.splice(0)) await this.#say(known);
  }

  async #say(known: Known): Promise<void> {
    try {
      await this.#tryToSay(known);
    } catch {
      this.unsaid.push(known);
    }
  }

  async #tryToSay({ message, state, error, states }: Known): Promise<void> {
    await this.ask('PATCH', '/message', {
      body: [
        {
          id: message.id,
          state,
          recipients: [
            { phoneNumber: message.phoneNumbers[0], state, ...(error !== undefined && { error }) },
          ],
          states,
        },
      ],
    });
  }

  /** Lost when its line breaks: the other way tells it, too. */
  async #sayAtHook(known: Known): Promise<void> {
    await this.#tryToSayAtHook(known).catch(() => {});
  }

  async #tryToSayAtHook({ message, state, error }: Known): Promise<void> {
    const at = this.#instant();
    const base = { messageId: message.id, phoneNumber: message.phoneNumbers[0] };
    if (state === 'Sent') await this.tell('sms:sent', { ...base, partsCount: 1, sentAt: at });
    if (state === 'Delivered') await this.tell('sms:delivered', { ...base, deliveredAt: at });
    if (state === 'Failed') await this.tell('sms:failed', { ...base, failedAt: at, reason: error });
  }

  /** Tells something at its hook, signed with the key that its settings name. */
  async tell(
    event: string,
    payload: Record<string, unknown>,
    how: { key?: string; timestamp?: number; unsigned?: boolean; eventId?: string } = {},
  ): Promise<Answer> {
    const hook = this.hooks.find((one) => one.event === event) ?? this.hooks[0];
    if (!hook) throw new Error('this phone has no hooks: let it sync first');
    const key = how.key ?? this.#signingKey();
    const raw = JSON.stringify({
      id: how.eventId ?? randomUUID(),
      webhookId: hook.id,
      event,
      deviceId: this.id,
      payload,
    });
    const timestamp = String(how.timestamp ?? Math.floor(this.#now() / 1000));
    const signature = createHmac('sha256', key)
      .update(raw + timestamp)
      .digest('hex');
    const url = this.#hooksAt ? `${this.#hooksAt}${new URL(hook.url).pathname}` : hook.url;
    const answer = await ask('POST', url, {
      agent: this.#wish.agent,
      headers: {
        'user-agent': this.userAgent,
        ...(!how.unsigned && { 'x-signature': signature, 'x-timestamp': timestamp }),
      },
      raw,
    });
    if (answer.status >= 300) this.refused.push(`POST ${event} ${answer.status}`);
    return answer;
  }

  #signingKey(): string {
    const key = this.settings['webhooks']?.['signing_key'];
    return typeof key === 'string' ? key : '';
  }

  /** It receives a message. */
  receive(
    from: string,
    text: string,
    more: Record<string, unknown> & { eventId?: string } = {},
  ): Promise<Answer> {
    const { eventId, ...payload } = more;
    return this.tell(
      'sms:received',
      {
        messageId: '8f3a12',
        message: text,
        sender: from,
        phoneNumber: from,
        receivedAt: this.#instant(),
        ...payload,
      },
      eventId === undefined ? {} : { eventId },
    );
  }

  /** Opens a stream; on each wake-up it asks for messages and sends them, unless told to do something else. */
  listen(onEvent?: (event: StreamEvent) => void, options?: { keep?: boolean }): EventStream {
    const headers = { authorization: `Bearer ${this.token}`, 'user-agent': 'okhttp/4.12.0' };
    return new EventStream(`${this.base}/events`, headers, onEvent, options);
  }

  /** As the app writes instants: local time with its offset. */
  #instant(): string {
    const local = new Date(this.#now() + 10 * 3_600_000);
    return local.toISOString().replace('Z', '+10:00');
  }
}

function stepsTo(state: PhoneState): PhoneState[] {
  switch (state) {
    case 'Pending':
      return [];
    case 'Processed':
      return ['Processed'];
    case 'Sent':
      return ['Processed', 'Sent'];
    case 'Delivered':
      return ['Processed', 'Sent', 'Delivered'];
    case 'Failed':
      return ['Processed', 'Failed'];
    case 'Cancelled':
      return ['Cancelled'];
  }
}
