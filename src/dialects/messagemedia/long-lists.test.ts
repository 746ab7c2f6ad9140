import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
  client = new Client(world, await world.account({ dialect: 'messagemedia' }));
});
afterAll(() => world.close());

const many = 20_000;
const hook = { url: 'https://shop.example/', method: 'POST', encoding: 'JSON' };
const message = { content: 'x', destination_number: '+61491570156' };
const wish = {
  sender_address: 'SHOP',
  sender_address_type: 'ALPHANUMERIC',
  usage_type: 'ALPHANUMERIC',
  reason: 'x',
};

/** Every list of this API, longer than any of them may be, with nothing good in it. */
describe.each([
  ['POST', '/v1/messages', (messages: unknown[]) => ({ messages })],
  [
    'POST',
    '/v1/messages',
    (media: unknown[]) => ({ messages: [{ ...message, format: 'MMS', media }] }),
  ],
  ['POST', '/v1/replies/confirmed', (reply_ids: unknown[]) => ({ reply_ids })],
  [
    'POST',
    '/v1/delivery_reports/confirmed',
    (delivery_report_ids: unknown[]) => ({ delivery_report_ids }),
  ],
  ['POST', '/v1/webhooks/messages', (events: unknown[]) => ({ ...hook, events })],
  ['POST', '/v1/number_authorisation/mt/blacklist', (numbers: unknown[]) => ({ numbers })],
  [
    'POST',
    '/v1/messaging/numbers/sender_address/requests',
    (destination_countries: unknown[]) => ({ ...wish, destination_countries }),
  ],
] as const)('%s %s', (method, path, bodyOf) => {
  it.each([[1], [{}], [null], ['x']])(
    'refuses a list of 20 000 times %j as a whole',
    async (item) => {
      const body = bodyOf(Array.from({ length: many }, () => item));
      const answer = await client.ask(method, path, { body });
      expect(answer.status).toBe(400);
      expect(answer.json['details']).toHaveLength(1);
      expect(answer.body.length).toBeLessThan(300);
    },
  );
});
