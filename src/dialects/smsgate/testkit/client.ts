import type { WorldAccount } from '../../../../test/support/world-account.ts';
import type { World } from '../../../../test/support/world.ts';
import type { WireRequest } from '../../testkit/suite.ts';

export interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
  /** The body, where it is JSON; else an empty object. */
  json: Record<string, unknown>;
}

/** A MessageState. */
export interface Shown {
  id: string;
  deviceId: string;
  state: string;
  recipients: { phoneNumber: string; state: string; error?: string }[];
  states: Record<string, string>;
  textMessage?: { text: string };
}

export const base = '/3rdparty/v1';

/** A client of one account. */
export class Client {
  readonly #world: World;
  readonly #authorization: string;
  readonly account: WorldAccount;

  /** @param token else it logs in with name and password. */
  constructor(world: World, account: WorldAccount, token?: string) {
    this.#world = world;
    this.account = account;
    this.#authorization = token === undefined ? account.authorization : `Bearer ${token}`;
  }

  async ask(
    method: WireRequest['method'],
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await this.#world.inject({
      method,
      url: `/smsgate${base}${path}`,
      headers: { authorization: this.#authorization, ...headers },
      ...(payload !== undefined && { payload }),
    });
    const { body: text } = answer;
    const json = /^[[{]/.test(text) ? (JSON.parse(text) as Answer['json']) : {};
    return { status: answer.statusCode, body: text, headers: answer.headers, json };
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  /** Sends a message, a change of a good one. */
  post(more: object = {}, query = ''): Promise<Answer> {
    return this.ask('POST', `/messages${query}`, { body: { ...goodMessage, ...more } });
  }

  /** The same, where nothing can be wrong. */
  async sent(more: object = {}, query = ''): Promise<Shown> {
    const { status, body, json } = await this.post(more, query);
    if (status !== 202) throw new Error(`${status} ${body}`);
    return json as unknown as Shown;
  }

  async message(id: string): Promise<Shown> {
    return (await this.get(`/messages/${encodeURIComponent(id)}`)).json as unknown as Shown;
  }

  async list(query = ''): Promise<Shown[]> {
    return (await this.get(`/messages${query}`)).json as unknown as Shown[];
  }
}

const goodMessage = {
  textMessage: { text: 'Hello, world!' },
  phoneNumbers: ['+61491570156'],
};
