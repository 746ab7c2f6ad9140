import { afterEach, beforeEach, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client, goodMessage } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  client = await Client.of(world);
});
afterEach(() => world.close());

const fields = {
  sender: goodMessage.sender,
  service: goodMessage.service,
  message: 'Hello {{name}}',
};
const file = 'mobile,name\n919876543210,Asha\n919876543211,Ravi\n12,Eve\n,Joe\n';
const boundary = 'x-boundary';

/** As curl's -F writes it. */
function form(parts: Readonly<Record<string, string | undefined>>, content: string | null): string {
  const texts = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`],
  );
  const upload =
    content === null
      ? ''
      : `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n`;
  return `${texts.join('')}${upload}--${boundary}--\r\n`;
}

async function bulk(
  more: Readonly<Record<string, string | undefined>> = {},
  content: string | null = file,
) {
  const answer = await world.inject({
    method: 'POST',
    url: '/mobtexting/api/v2/sms/bulk',
    headers: {
      authorization: `Bearer ${client.account.password}`,
      accept: 'application/json',
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    payload: form({ ...fields, ...more }, content),
  });
  return { status: answer.statusCode, json: answer.json<Record<string, unknown>>() };
}

const campaigns = async () =>
  world.gateway.campaigns.list(await client.account.caller(), { limit: 10, offset: 0 });

it('takes the rows of a file for numbers, each with its own words', async () => {
  expect(await bulk({ custom: 'order-7', tags: 'a,b' })).toEqual({
    status: 200,
    json: { status: 200, message: '3 numbers accepted for delivery.', data: [] },
  });
  await world.clock.advance(3_000);
  const [campaign] = await campaigns();
  expect(campaign).toMatchObject({ state: 'done', sent: 2, refused: 1, broken: 1, product: 'T' });
  const caller = await client.account.caller();
  const sent = await world.gateway.searchMessages(caller, { limit: 10, offset: 0 });
  expect(sent.map(({ destination, text }) => [destination, text])).toEqual([
    ['+919876543211', 'Hello Ravi'],
    ['+919876543210', 'Hello Asha'],
  ]);
  expect(sent[0]).toMatchObject({ channel: 'mobtexting', product: 'T', tags: ['a', 'b'] });
  const { json } = await client.get(`/sms/status?id=${sent[0]?.id}:1`);
  expect(json['data']).toMatchObject([
    { id: `${sent[0]?.id}:1`, mobile: '919876543211', service: 'T', custom: 'order-7' },
  ]);
});

it('knows the column by its place, too, and waits for its time', async () => {
  const numbers = 'Asha,919876543210\nRavi,919876543211\n';
  const came = await bulk(
    { column: '2', message: 'Hi {{1}}', time: '2026-03-01 12:00:00' },
    numbers,
  );
  expect(came.json['message']).toBe('2 numbers accepted for delivery.');
  // Times without a zone are India's.
  expect(await campaigns()).toMatchObject([
    { state: 'scheduled', scheduledAt: Date.parse('2026-03-01T06:30:00Z') },
  ]);
});

it.each([
  ['without a file', {}, null, 'The file field is required.'],
  ['without a sender', { sender: undefined }, file, 'The sender field is required.'],
  [
    'with a link that nobody could follow',
    { message: '[#optout#]?tag=a,b,c,d' },
    file,
    'An opt-out link has at most 3 tags, and each of its values 100 characters.',
  ],
  ['of no product', { service: 'XYZ' }, file, 'Invalid Service Id.'],
  ['with another webhook', { webhook_id: 'x' }, file, 'The selected webhook id is invalid.'],
  ['at no time', { time: 'soon' }, file, 'The time does not match the format Y-m-d H:i:s.'],
  [
    'too soon',
    { time: '2026-03-01 05:35:00' },
    file,
    'A campaign is scheduled more than 5 minutes ahead.',
  ],
  [
    'with a column that is not there',
    { column: 'phone' },
    file,
    "The file has no column 'phone'; it has 'mobile', 'name'.",
  ],
])('%s it is refused', async (_, more, content, message) => {
  expect(await bulk(more, content)).toMatchObject({
    status: 422,
    json: { status: 'ERROR', code: 422, message },
  });
  expect(await client.account.messages()).toBe(0);
});
