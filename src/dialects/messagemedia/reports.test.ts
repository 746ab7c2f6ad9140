import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { AccountWish } from '../../../test/support/world-account.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client } from './testkit/client.ts';
import { parseFault } from './testkit/suite.ts';

let world: World;
let client: Client;
const startWith = async (wish: AccountWish): Promise<void> => {
  client = new Client(world, await world.account({ dialect: 'messagemedia', ...wish }));
};
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  world.link.current = 'up';
  await startWith({});
});
afterAll(() => world.close());

const path = '/v1/delivery_reports';
const confirm = (ids: unknown, key = 'delivery_report_ids') =>
  client.ask('POST', `${path}/confirmed`, { body: { [key]: ids } });
const idsIn = (reports: readonly Record<string, unknown>[]) =>
  reports.map(({ delivery_report_id: id }) => id);
const statuses = async () =>
  (await client.reports()).map(({ status, error_code }) => [status, error_code]);
const told = (count: number) =>
  waitUntil('it is told', async () => (await client.reports()).length === count);
const report = { delivery_report: true };

describe('GET /v1/delivery_reports', () => {
  it('has nothing at first', async () => {
    const { status, body, headers } = await client.get(path);
    expect({ status, body, type: headers['content-type'] }).toEqual({
      status: 200,
      body: '{"delivery_reports":[]}',
      type: 'application/json',
    });
  });

  it('has the documented form', async () => {
    await startWith({ name: 'MyAccount', settings: { vendorId: 'SinchEU' } });
    const fields = {
      callback_url: 'https://my.callback.url.com',
      metadata: { key1: 'value1', key2: 'value2' },
      ...report,
    };
    world.link.current = 'down';
    const [first] = await client.sent({
      ...fields,
      content: 'My first message!',
      destination_number: '+61491570157',
    });
    await world.clock.advance(1000);
    world.link.current = 'up';
    const [second] = await client.sent({
      ...fields,
      content: 'My second message!',
      destination_number: '+61491570158',
    });
    await waitUntil('both are told', async () => (await client.reports()).length >= 3);
    const reports = await client.reports();
    const at = (message: typeof first, status: string) =>
      reports.find((one) => one['message_id'] === message?.message_id && one['status'] === status);
    const shown = [at(first, 'enroute'), at(second, 'submitted')];
    await confirm(idsIn(reports.filter((one) => !shown.includes(one))));

    const { body } = await client.get(path);
    const sample = readFixture(import.meta.url, 'delivery-reports.response.json') as {
      delivery_reports: object[];
    };
    const codes = ['101', '200'];
    expectSample(
      body,
      {
        delivery_reports: sample.delivery_reports.map((one, index) => ({
          ...one,
          error_code: codes[index],
        })),
      },
      {
        '01e1fa0a-6e27-4945-9cdb-18644b4de043': String(shown[0]?.['delivery_report_id']),
        '0edf9022-7ccc-43e6-acab-480e93e98c1b': String(shown[1]?.['delivery_report_id']),
        'd781dcab-d9d8-4fb2-9e03-872f07ae94ba': String(first?.message_id),
        'fbb3b3f5-b702-4d8b-ab44-65b2ee39a281': String(second?.message_id),
        '2017-05-20T06:30:37.642Z': '2026-03-01T00:00:00.000Z',
        '2017-05-20T06:30:37.639Z': '2026-03-01T00:00:00.000Z',
        '2017-05-21T01:46:42.579Z': String(shown[1]?.['date_received']),
        '2017-05-21T01:46:42.574Z': '2026-03-01T00:00:01.000Z',
      },
    );
  });

  it('has one for each change of status, in their order', async () => {
    const [sent] = await client.sent(report);
    const part = await client.submitted(sent);
    await world.clock.advance(5000);
    await world.link.receipt('delivered', { part, at: world.clock.now() });
    expect(await statuses()).toEqual([
      ['enroute', '101'],
      ['submitted', '200'],
      ['delivered', '220'],
    ]);
    const [first, , last] = await client.reports();
    expect(last).toMatchObject({
      message_id: sent?.message_id,
      source_number: '+61491570156',
      delay: 0,
      original_text: 'My first message',
      metadata: {},
    });
    expect(Date.parse(String(last?.['date_received']))).toBe(world.clock.now());
    expect(last?.['submitted_date']).toBe(first?.['date_received']);
    expect(last).not.toHaveProperty('callback_url');
    expect(last).not.toHaveProperty('billing_units');
  });

  it('has none of a message that asked for none', async () => {
    for (const row of await client.sent({}, { delivery_report: false })) {
      const part = await client.submitted(row);
      await world.link.receipt('delivered', { part, at: world.clock.now() });
    }
    expect(await client.reports()).toEqual([]);
  });

  it('begins for a scheduled one when its time has come', async () => {
    const scheduled = new Date(world.clock.now() + 60_000).toISOString();
    await client.sent({ ...report, scheduled });
    expect(await client.reports()).toEqual([]);
    await world.clock.advance(65_000);
    await told(2);
    expect(await statuses()).toEqual([
      ['enroute', '101'],
      ['submitted', '200'],
    ]);
  });

  it('says how many parts are billed, where the account has that switched on', async () => {
    await startWith({ settings: { billingUnits: true } });
    await client.sent({ ...report, content: 'x'.repeat(200) });
    const [first] = await client.reports();
    expect(first?.['billing_units']).toBe(2);
    expect(Object.keys(first ?? {}).slice(4, 7)).toEqual([
      'delay',
      'billing_units',
      'submitted_date',
    ]);
  });

  it('has at most a hundred, the oldest, until they are confirmed', async () => {
    world.link.current = 'down';
    const messages = Array.from({ length: 60 }, () => report);
    const ids: string[] = [];
    for (let round = 0; round < 2; round++) {
      ids.push(...(await client.sent(...messages)).map(({ message_id: id }) => id));
      await world.clock.advance(1000);
    }
    const first = await client.reports();
    expect(first).toHaveLength(100);
    expect(await client.reports()).toEqual(first);
    await confirm(idsIn(first));
    const rest = await client.reports();
    expect(rest).toHaveLength(20);
    const seen = [...first, ...rest].map((one) => one['message_id']);
    expect(new Set(seen)).toEqual(new Set(ids));
  });
});

describe('POST /v1/delivery_reports/confirmed', () => {
  it('answers nothing, in the way that no client trips over', async () => {
    await client.sent(report);
    const { status, body, headers } = await confirm(idsIn(await client.reports()));
    expect({ status, body }).toEqual({ status: 202, body: '' });
    expect(headers).toMatchObject({ 'content-type': 'text/plain', 'content-length': '0' });
  });

  it('confirms what it names and nothing else, again and again', async () => {
    world.link.current = 'down';
    await client.sent(report, report);
    const [first, second] = await client.reports();
    for (let round = 0; round < 2; round++) {
      const ids = idsIn([first ?? {}]).map((id) => String(id).toUpperCase());
      expect((await confirm(ids)).status).toBe(202);
      expect(await client.reports()).toEqual([second]);
    }
  });

  it('does not confirm what is another account’s', async () => {
    world.link.current = 'down';
    await client.sent(report);
    const reports = await client.reports();
    const mine = client;
    await startWith({});
    expect((await confirm(idsIn(reports))).status).toBe(202);
    expect(await mine.reports()).toEqual(reports);
  });

  it.each([
    [
      'made-up ones',
      ['011dcead-6988-4ad6-a1c7-6b6c68ea628d', '3487b3fa-6586-4979-a233-2d1b095c7718'],
    ],
    ['one twice', ['011dcead-6988-4ad6-a1c7-6b6c68ea628d', '011dcead-6988-4ad6-a1c7-6b6c68ea628d']],
    ['none', []],
  ])('takes %s', async (_name, ids) => {
    expect((await confirm(ids)).status).toBe(202);
  });

  const ids = 'delivery_report_ids';
  it.each([
    [null, [`/${ids}: Ids cannot be null`]],
    ['011dcead-6988-4ad6-a1c7-6b6c68ea628d', [`/${ids}: Ids cannot be null`]],
    [
      ['x', 7],
      [`/${ids}/0: [x] is invalid`, `/${ids}/1: [number] is invalid`],
    ],
    [Array.from({ length: 101 }, () => 'x'), [`/${ids}: Ids must be at most 100`]],
  ])('refuses %j', async (given, details) => {
    const { status, json } = await confirm(given);
    expect({ status, json }).toEqual({ status: 400, json: { message: parseFault, details } });
  });

  it('refuses a body without them', async () => {
    const { status } = await confirm([], 'reply_ids');
    expect(status).toBe(400);
  });
});
