import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
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
  const all = await world.gateway.searchMessages(caller, { limit: 10, offset: 0 });
  // What is wrong with a number is told as its status, as everywhere in this API.
  expect(all.filter(({ status }) => status === 'rejected')).toMatchObject([
    { destination: '+12', error: 'number_invalid' },
  ]);
  const sent = all.filter(({ status }) => status !== 'rejected');
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

it('goes on without credit: what cannot be paid fails as a message does', async () => {
  client = await Client.of(world, { credits: 1 });
  const { json } = await bulk();
  expect(json['message']).toBe('3 numbers accepted for delivery.');
  await world.clock.advance(3_000);
  const [campaign] = await campaigns();
  expect(campaign).toMatchObject({ state: 'done', sent: 1, refused: 2 });
  const caller = await client.account.caller();
  const rows = await world.gateway.searchMessages(caller, { limit: 10, offset: 0 });
  const statuses = await Promise.all(
    rows.map(async ({ id, destination }) => {
      const { json: found } = await client.get(`/sms/status?id=${id}:1`);
      return [destination, (found['data'] as { status: string }[])[0]?.status];
    }),
  );
  expect(new Map(statuses as [string, string][])).toEqual(
    new Map([
      ['+919876543210', 'AWAITING-DLR'],
      ['+919876543211', 'NO-CREDITS'],
      ['+12', 'INV-NUMBER'],
    ]),
  );
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

const manyRows = `mobile,name\n${Array.from({ length: 12_000 }, (_, at) => `9198765${10_000 + at},A\n`).join('')}`;

/** The numbers that are kept of the one campaign there is. */
async function numbersKept(): Promise<number> {
  const [campaign] = await campaigns();
  if (!campaign) throw new Error('there is no campaign');
  const page = await world.storage.read.campaigns.page(campaign.id, 0);
  return page?.rows.length ?? 0;
}

it('nothing stays of a file whose client goes away, and nobody is called for it', async () => {
  const url = new URL(await world.listen());
  const socket = connect(Number(url.port), url.hostname);
  socket.on('error', () => {});
  // As the body itself: of a form nothing is taken before its end.
  const body = manyRows;
  const query = new URLSearchParams({ ...fields, message: 'Hello' });
  socket.write(
    `POST /mobtexting/api/v2/sms/bulk?${query.toString()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.account.password}\r\n` +
      `Content-Type: text/csv\r\nContent-Length: ${body.length}\r\n\r\n`,
    'latin1',
  );
  socket.write(body.slice(0, -20_000));
  await waitUntil('rows are written', async () => ((await campaigns())[0]?.rows ?? 0) > 2_000);
  socket.destroy();
  await waitUntil('it is over', async () => (await campaigns())[0]?.state === 'aborted');
  await waitUntil('its rows are gone', async () => (await numbersKept()) === 0);
  await waitUntil('it is noted', () => world.log.lines.some((line) => line.includes('/sms/bulk')));
  expect(world.log.lines.filter((line) => /"level":(?:40|50|60)/.test(line))).toEqual([]);
});

it('a file may take longer than a message, as long as it keeps coming', async () => {
  await world.close();
  world = await createWorld({ http: { requestTimeoutMs: 1_000 } });
  client = await Client.of(world);
  const url = new URL(await world.listen());
  const body = form(fields, file);
  const send = async (pieces: readonly string[]) =>
    new Promise<{ status: number | undefined; json: unknown }>((resolve, reject) => {
      const asked = request(
        {
          port: url.port,
          method: 'POST',
          path: '/mobtexting/api/v2/sms/bulk',
          headers: {
            authorization: `Bearer ${client.account.password}`,
            'content-type': `multipart/form-data; boundary=${boundary}`,
          },
        },
        (answer) => {
          answer.on('data', (chunk: Buffer) => {
            const json: unknown = JSON.parse(chunk.toString());
            resolve({ status: answer.statusCode, json });
            asked.destroy();
          });
        },
      );
      asked.on('error', reject);
      for (const [at, piece] of pieces.entries()) setTimeout(() => asked.write(piece), at * 150);
    });
  const size = Math.ceil(body.length / 10);
  const pieces = Array.from({ length: 10 }, (_, at) => body.slice(at * size, (at + 1) * size));
  expect(await send(pieces)).toMatchObject({
    status: 200,
    json: { message: '3 numbers accepted for delivery.' },
  });
  expect(await send(pieces.slice(0, 9))).toEqual({
    status: 400,
    json: {
      status: 'ERROR',
      code: 400,
      message: 'The request took too long to arrive.',
    },
  });
  expect(await campaigns()).toHaveLength(1);
});

it('nothing stays of a form that does not end', async () => {
  const answer = await world.inject({
    method: 'POST',
    url: '/mobtexting/api/v2/sms/bulk',
    headers: {
      authorization: `Bearer ${client.account.password}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    payload: form(fields, manyRows).slice(0, -20),
  });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ status: 'ERROR', message: 'The form does not end.' });
  expect(await campaigns()).toEqual([]);
});

/** One field of a form, or its file. */
const part = (name: string, value: string, more = ''): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
const filePart = part('file', file, '; filename="a.csv"');

async function post(payload: string, headers: Record<string, string> = {}) {
  const answer = await world.inject({
    method: 'POST',
    url: '/mobtexting/api/v2/sms/bulk',
    headers: {
      accept: 'application/json',
      'content-type': `multipart/form-data; boundary=${boundary}`,
      ...headers,
    },
    payload: `${payload}--${boundary}--\r\n`,
  });
  return { status: answer.statusCode, json: answer.json<Record<string, unknown>>() };
}
const fieldParts = Object.entries(fields).map(([name, value]) => part(name, value));

it('what stands behind the file counts, too', async () => {
  const authorization = `Bearer ${client.account.password}`;
  const more = [part('column', 'mobile'), part('time', '2026-03-01 12:00:00')];
  const came = await post([filePart, ...fieldParts, ...more].join(''), { authorization });
  expect(came).toMatchObject({
    status: 200,
    json: { message: '3 numbers accepted for delivery.' },
  });
  expect(await campaigns()).toMatchObject([{ state: 'scheduled', toColumn: 'mobile' }]);
});

it('its token may be a field before the file; of a stranger’s file nothing is kept', async () => {
  const keep = vi.spyOn(world.gateway.rowFiles, 'keep');
  const token = part('access_token', client.account.password);
  const strangers = [
    [filePart, ...fieldParts, token],
    [...fieldParts, filePart],
    [part('access_token', 'wrong'), ...fieldParts, filePart],
  ];
  for (const parts of strangers) expect(await post(parts.join(''))).toMatchObject({ status: 401 });
  expect(keep).not.toHaveBeenCalled();
  expect(await post([token, filePart, ...fieldParts].join(''))).toMatchObject({ status: 200 });
  expect(keep).toHaveBeenCalledOnce();
});

it('what is wrong is said of the field as it is called here', async () => {
  const { json } = await bulk({ time: '2026-03-01 05:34:00' });
  expect(json['errors']).toEqual({
    time: ['A campaign is scheduled more than 5 minutes ahead.'],
  });
});
