import type { WorldAccount } from '../../../../test/support/world-account.ts';
import type { World } from '../../../../test/support/world.ts';
import type { Reply } from '../../../core/delivery/reply.ts';
import type { LinkId } from '../../../core/ids.ts';
import type { E164 } from '../../../text/phone-number.ts';

export type Parameters = Readonly<Record<string, string>>;

export interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
  /** What stands under `result`, or the whole. */
  result: Record<string, unknown>;
  /** The rows of a log. */
  sms: Record<string, unknown>[];
}

/** A client of one account, with its API key. */
export class Client {
  readonly #world: World;
  readonly account: WorldAccount;

  constructor(world: World, account: WorldAccount) {
    this.#world = world;
    this.account = account;
  }

  /** With everything in the query. */
  get(path: string, parameters: Parameters = {}): Promise<Answer> {
    const query = new URLSearchParams({ apikey: this.account.password, ...parameters });
    return this.ask({ method: 'GET', url: `${path}?${query.toString()}` });
  }

  /** With everything in a form. */
  post(path: string, parameters: Parameters = {}): Promise<Answer> {
    const form = new URLSearchParams({ apikey: this.account.password, ...parameters });
    return this.ask({ method: 'POST', url: path, payload: form.toString() });
  }

  /** As it is. */
  async ask(request: {
    method: 'GET' | 'POST' | 'PUT' | 'HEAD' | 'OPTIONS';
    url: string;
    payload?: string | Buffer;
    headers?: Record<string, string>;
  }): Promise<Answer> {
    const answer = await this.#world.inject({ ...request, url: `/smsmobileapi${request.url}` });
    const { body } = answer;
    const parsed = (body.startsWith('{') ? JSON.parse(body) : {}) as Record<string, unknown>;
    const result = (parsed['result'] ?? parsed) as Record<string, unknown>;
    const sms = Array.isArray(result['sms']) ? (result['sms'] as Answer['sms']) : [];
    return { status: answer.statusCode, body, headers: answer.headers, result, sms };
  }

  /** Sends one and gives its guid. */
  async send(parameters: Parameters = {}): Promise<string> {
    const { result } = await this.post('/sendsms/', { ...goodMessage, ...parameters });
    return String(result['id']);
  }
}

/** A number that the sandbox and the test link deliver to. */
export const goodMessage = { recipients: '+61491570156', message: 'Hello World' };

let numbers = 0;

/** A handset writes to a number of the account's own, which it is given first. */
export async function receive(
  world: World,
  { account }: Pick<WorldAccount, 'account'>,
  more: { text?: string; from?: string; at?: number } = {},
): Promise<Reply> {
  const to = `+6149${String(10_000_000 + ++numbers)}`;
  await world.gateway.senders.add(account.id, to, { kind: 'dedicated' });
  return world.gateway.recordReply({
    linkId: 'test' as LinkId,
    from: (more.from ?? '+61491570157') as E164,
    to,
    text: more.text ?? 'Please call us back when available.',
    at: more.at ?? world.clock.now(),
    upstreamId: null,
  });
}
