import type { WorldAccount } from '../../../../test/support/world-account.ts';
import type { World } from '../../../../test/support/world.ts';
import type { JsonAnswer } from '../../testkit/json-client.ts';
import { JsonClient } from '../../testkit/json-client.ts';

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
export class Client extends JsonClient {
  /** @param token else it logs in with name and password. */
  constructor(world: World, account: WorldAccount, token?: string) {
    super(world, account, `/smsgate${base}`, token && `Bearer ${token}`);
  }

  /** Sends a message, a change of a good one. */
  post(more: object = {}, query = ''): Promise<JsonAnswer> {
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
