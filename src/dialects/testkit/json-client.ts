import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import type { WireRequest } from './suite.ts';

export interface JsonAnswer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
  /** The body, where it is JSON; else an empty object. */
  json: Record<string, unknown>;
}

/** A client of one account that sends and is answered JSON. */
export class JsonClient {
  protected readonly world: World;
  readonly account: WorldAccount;
  readonly #base: string;
  readonly #authorization: string;

  /**
   * @param base what stands before each path.
   * @param authorization default HTTP Basic with name and password.
   */
  constructor(
    world: World,
    account: WorldAccount,
    base: string,
    authorization = account.authorization,
  ) {
    this.world = world;
    this.account = account;
    this.#base = base;
    this.#authorization = authorization;
  }

  async ask(
    method: WireRequest['method'],
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<JsonAnswer> {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await this.world.inject({
      method,
      url: `${this.#base}${path}`,
      headers: { authorization: this.#authorization, ...headers },
      ...(payload !== undefined && { payload }),
    });
    const { body: text } = answer;
    const json = /^[[{]/.test(text) ? (JSON.parse(text) as JsonAnswer['json']) : {};
    return { status: answer.statusCode, body: text, headers: answer.headers, json };
  }

  get(path: string): Promise<JsonAnswer> {
    return this.ask('GET', path);
  }
}
