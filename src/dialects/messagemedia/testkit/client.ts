import type { WorldAccount } from '../../../../test/support/world-account.ts';
import type { SentPart } from '../../../../test/support/test-link.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { World } from '../../../../test/support/world.ts';
import type { JsonAnswer } from '../../testkit/json-client.ts';
import { JsonClient } from '../../testkit/json-client.ts';

/** A message in an answer, whatever it has. */
export interface Row {
  message_id: string;
  status: string;
  [key: string]: unknown;
}

/** A client of one account. */
export class Client extends JsonClient {
  constructor(world: World, account: WorldAccount) {
    super(world, account, '/messagemedia');
  }

  /** Sends messages, each a change of a good one; `more` is put beside `messages`. */
  post(messages: readonly object[], more: object = {}): Promise<JsonAnswer> {
    const body = { messages: messages.map((one) => ({ ...goodMessage, ...one })), ...more };
    return this.ask('POST', '/v1/messages', { body });
  }

  /** The same, where nothing can be wrong. */
  async sent(...messages: readonly object[]): Promise<Row[]> {
    const { status, body, json } = await this.post(messages.length === 0 ? [{}] : messages);
    if (status !== 202) throw new Error(`${status} ${body}`);
    return json['messages'] as Row[];
  }

  async message(id: string): Promise<Row> {
    return (await this.get(`/v1/messages/${id}`)).json as Row;
  }

  /** Waits until the network has a message. @returns its first part. */
  async submitted(row: Row | undefined): Promise<SentPart> {
    const id = row?.message_id ?? '';
    await waitUntil(
      'the network has it',
      async () => (await this.message(id)).status === 'submitted',
    );
    const part = this.world.link.sent.find(({ messageId }) => messageId === id);
    if (!part) throw new Error(`${id} went another way`);
    return part;
  }

  async reports(): Promise<Record<string, unknown>[]> {
    const { json } = await this.get('/v1/delivery_reports');
    return json['delivery_reports'] as Record<string, unknown>[];
  }

  async replies(): Promise<Record<string, unknown>[]> {
    const { json } = await this.get('/v1/replies');
    return json['replies'] as Record<string, unknown>[];
  }
}

const goodMessage = {
  content: 'My first message',
  destination_number: '+61491570156',
};
