import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { AccountWish } from '../../../test/support/world-account.ts';
import type { E164 } from '../../text/phone-number.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
const startWith = async (wish: AccountWish): Promise<void> => {
  client = new Client(world, await world.account({ dialect: 'messagemedia', ...wish }));
};
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
});
beforeEach(() => startWith({}));
afterAll(() => world.close());

describe('what cannot be sent', () => {
  const outcome = async (fields: object) => {
    const [row] = await client.sent({ delivery_report: true, ...fields });
    expect(row?.status).toBe('queued');
    const message = await client.message(row?.message_id ?? '');
    const reports = await client.reports();
    return {
      status: message.status,
      reports: reports.map(({ status, error_code }) => [status, error_code]),
      message,
    };
  };
  const ends = (status: string, code: string) => ({ status, reports: [[status, code]] });

  it.each([
    ['to no number', { destination_number: '99999999' }, ends('rejected', '411')],
    [
      'to a line that takes no text',
      { destination_number: '+61298765432' },
      ends('rejected', '413'),
    ],
    ['to a country that is closed', { destination_number: '+6421123456' }, ends('failed', '332')],
    [
      'from a number that is not the account’s',
      { source_number: '+61491570111' },
      ends('rejected', '410'),
    ],
    [
      'after it has expired',
      { message_expiry_timestamp: '2016-11-03T11:49:02.807Z' },
      ends('expired', '320'),
    ],
    ['as what no link carries', { format: 'MMS' }, ends('failed', '332')],
  ])('%s is accepted, and reported', async (_name, fields, expected) => {
    const { message, ...told } = await outcome(fields);
    expect(told).toEqual(expected);
    expect(message['content']).toBe('My first message');
  });

  it('to who opted out is accepted, and reported', async () => {
    await world.gateway.optOut(await client.account.caller(), '+61491570156' as E164);
    expect(await outcome({})).toMatchObject(ends('rejected', '302'));
  });

  it('without credit is accepted, and reported', async () => {
    await startWith({ credits: 0 });
    expect(await outcome({})).toMatchObject(ends('rejected', '301'));
    expect(await client.account.credits()).toBe(0);
  });

  it('a second time is accepted, and reported', async () => {
    await startWith({ duplicateWindowMs: 86_400_000 });
    await client.sent({});
    expect(await outcome({})).toMatchObject(ends('rejected', '305'));
  });

  it('without a sender is accepted, and reported', async () => {
    await startWith({ senders: [] });
    const { message, ...told } = await outcome({});
    expect(told).toEqual(ends('rejected', '410'));
    expect(message['source_number']).toBeNull();
  });

  it('does not keep the others', async () => {
    const rows = await client.sent({}, { source_number: 'Nobody' }, {});
    const statuses = await Promise.all(
      rows.map(async ({ message_id: id }) => (await client.message(id)).status),
    );
    expect(statuses.filter((status) => status === 'rejected')).toHaveLength(1);
    expect(statuses[1]).toBe('rejected');
  });
});
