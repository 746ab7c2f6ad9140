import type { WorldAccount } from '../../../../test/support/world-account.ts';
import type { World } from '../../../../test/support/world.ts';
import type { WireMessage } from '../schema.ts';

/** One row of an answer, whatever it has. */
export interface Row {
  status: string;
  cost: number;
  message_id: string;
  error?: string;
  [key: string]: unknown;
}

export interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
  /** The rows of a list. */
  rows: Row[];
}

/** A client of one account. */
export class Client {
  readonly #world: World;
  readonly account: WorldAccount;

  constructor(world: World, account: WorldAccount) {
    this.#world = world;
    this.account = account;
  }

  async ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS',
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await this.#world.inject({
      method,
      url: `/mobilemessage${path}`,
      headers: { authorization: this.account.authorization, ...headers },
      ...(payload !== undefined && { payload }),
    });
    const { body: text } = answer;
    const parsed = /^[[{]/.test(text) ? (JSON.parse(text) as { results?: Row[] }) : {};
    return {
      status: answer.statusCode,
      body: text,
      headers: answer.headers,
      rows: parsed.results ?? [],
    };
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  /** Sends messages, each a change of a good one; `more` is put beside `messages`. */
  send(
    messages: readonly (Partial<WireMessage> & object)[],
    more: object = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const body = { messages: messages.map((one) => ({ ...goodMessage, ...one })), ...more };
    return this.ask('POST', '/v1/messages', { body, headers });
  }
}

export const goodMessage = {
  to: '0412345678',
  message: 'Hello, this is a test message',
  sender: 'CompanyABC',
};
