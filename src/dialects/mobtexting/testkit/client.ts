import type { AccountWish, WorldAccount } from '../../../../test/support/world-account.ts';
import type { World } from '../../../../test/support/world.ts';
import type { Country } from '../../../text/phone-number.ts';
import type { JsonAnswer } from '../../testkit/json-client.ts';
import { JsonClient } from '../../testkit/json-client.ts';

export const base = '/api/v2';

/** An account of this dialect: in India, with a token. */
export const wish: AccountWish = {
  dialect: 'mobtexting',
  kind: 'bearer',
  homeCountry: 'IN' as Country,
  allowedCountries: ['IN', 'AU'] as Country[],
  senders: ['TXTSMS', 'TXTMES'],
};

/** A client of one account, with its token. */
export class Client extends JsonClient {
  constructor(world: World, account: WorldAccount) {
    super(world, account, `/mobtexting${base}`, `Bearer ${account.password}`);
  }

  static async of(world: World, more: AccountWish = {}): Promise<Client> {
    return new Client(world, await world.account({ ...wish, ...more }));
  }

  override ask(
    ...[method, path, more = {}]: Parameters<JsonClient['ask']>
  ): ReturnType<JsonClient['ask']> {
    const headers = { accept: 'application/json', ...more.headers };
    return super.ask(method, path, { ...more, headers });
  }

  post(path: string, body?: unknown): Promise<JsonAnswer> {
    return this.ask('POST', path, { body });
  }

  /** Sends a message, a change of a good one; where nothing can be wrong. @returns the rows of the answer. */
  async sent(more: object = {}): Promise<Sent[]> {
    const { status, body, json } = await this.post('/sms/send', { ...goodMessage, ...more });
    if (status !== 200) throw new Error(`${status} ${body}`);
    return json['data'] as Sent[];
  }

  /** The row of a message. */
  async message(id: string): Promise<Sent> {
    const { json } = await this.get(`/sms/status?id=${id}`);
    return (json['data'] as Sent[])[0] as Sent;
  }
}

/** What both sends and the status show of a message. */
export interface Sent {
  id: string;
  mobile: string;
  status: string;
  units: number;
  charges: number;
}

/** A number that the test link delivers to. */
export const number = '919876543210';

export const goodMessage = {
  sender: 'TXTSMS',
  to: number,
  service: 'T',
  message: 'Your OTP is 123456',
};
