import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client } from './testkit/client.ts';
import { parseFault } from './testkit/suite.ts';

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
});
beforeEach(async () => {
  client = new Client(world, await world.account({ dialect: 'messagemedia', credits: 20_000 }));
});
afterAll(() => world.close());

const post = (body: unknown) => client.ask('POST', '/v1/messages', { body });

describe('what is wrong with a request', () => {
  const details = async (body: unknown): Promise<unknown> => {
    const { status, json } = await post(body);
    expect(status).toBe(400);
    expect(json['message']).toBe(parseFault);
    return json['details'];
  };
  const good = { content: 'x', destination_number: '+61491570156' };
  const detailsOf = (fields: object) => details({ messages: [{ ...good, ...fields }] });
  const about = (field: string, text: string) => [`/messages/0/${field}: ${text}`];

  const tooLong = 'Content must be between 1 and 5000 characters';
  const badLength =
    "International address must be between 8 and 15 characters excluding the first '+'";
  const badCharacters = 'International address contains invalid characters.';
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

  it.each([
    [{ content: '' }, about('content', tooLong)],
    [{ content: null }, about('content', 'Content cannot be null')],
    [{ content: ['x'] }, about('content', 'Content must be a text')],
    [{ content: 'x'.repeat(5001) }, about('content', tooLong)],
    [{ content: 'x\0' }, about('content', 'Content contains invalid characters')],
    [{ content: '\ud83d' }, about('content', 'Content contains invalid characters')],
    [
      { destination_number: undefined },
      about('destination_number', 'Destination number cannot be null'),
    ],
    [{ destination_number: 'abc' }, about('destination_number', `${badLength}, ${badCharacters}`)],
    [{ destination_number: '+1234567' }, about('destination_number', badLength)],
    [{ destination_number: '+1234567890123456' }, about('destination_number', badLength)],
    [{ destination_number: '+61 491 570 156' }, about('destination_number', badCharacters)],
    [{ destination_number: '++614915701' }, about('destination_number', badCharacters)],
    [{ callback_url: 'https://-invalid.com' }, about('callbackUrl', 'Invalid callback url')],
    [{ callback_url: '' }, about('callbackUrl', 'Invalid callback url')],
    [{ callback_url: 7 }, about('callbackUrl', 'Invalid callback url')],
    [{ delivery_report: 'yes' }, about('delivery_report', 'Delivery report must be true or false')],
    [{ format: 'sms' }, about('format', '[sms] is invalid')],
    [{ format: 'RCS' }, about('format', '[RCS] is invalid')],
    [{ source_number_type: 'NUMBER' }, about('source_number_type', '[NUMBER] is invalid')],
    [
      { source_number: 'x'.repeat(17) },
      about('source_number', 'Source number must have at most 16 characters'),
    ],
    [{ scheduled: 'tomorrow' }, about('scheduled', 'Date time must be in the format of ISO 8601')],
    [{ scheduled: 1_700_000_000 }, about('scheduled', 'Date time must be a text')],
    [
      { scheduled: '2027-06-01T00:00:00Z' },
      about('scheduled', 'Scheduled must be within a year from now'),
    ],
    [
      { message_expiry_timestamp: '2026-02-30T00:00:00Z' },
      about('message_expiry_timestamp', 'Date time must be in the format of ISO 8601'),
    ],
    [{ metadata: 'x' }, about('metadata', 'Metadata must be an object')],
    [{ metadata: ['x'] }, about('metadata', 'Metadata must be an object')],
    [{ metadata: pairs(11) }, about('metadata', 'Metadata must have at most 10 pairs')],
    [{ metadata: { k: {} } }, about('metadata', 'Metadata values must be texts')],
    [
      { metadata: { ['k'.repeat(101)]: 'v' } },
      about('metadata', 'Metadata keys must have at most 100 characters'),
    ],
    [
      { metadata: { k: 'v'.repeat(257) } },
      about('metadata', 'Metadata values must have at most 256 characters'),
    ],
    [{ media: ['https://a.example/a.png'] }, about('media', 'Media needs the format MMS')],
    [
      { media: 'https://a.example/a.png', format: 'MMS' },
      about('media', 'Media must be a list of urls'),
    ],
    [{ media: ['a.png'], format: 'MMS' }, about('media/0', 'Invalid media url')],
    [{ media: Array(21).fill('x'), format: 'MMS' }, about('media', 'Media must be at most 20')],
    [
      { subject: 's'.repeat(65), format: 'MMS' },
      about('subject', 'Subject must have at most 64 characters'),
    ],
  ])('%j', async (fields, expected) => {
    expect(await detailsOf(fields)).toEqual(expected);
  });

  it.each([
    [{}, ['/messages: Messages cannot be null']],
    [{ messages: null }, ['/messages: Messages cannot be null']],
    [{ messages: {} }, ['/messages: Messages cannot be null']],
    [{ messages: 'x'.repeat(101) }, ['/messages: Messages cannot be null']],
    [{ messages: [] }, ['/messages: Messages must be between 1 and 100']],
    [
      { messages: Array.from({ length: 101 }, () => good) },
      ['/messages: Messages must be between 1 and 100'],
    ],
    [{ messages: [null] }, ['/messages/0: Message must be an object']],
    [[good], ['Failed to parse message body.']],
    [good, ['/messages: Messages cannot be null']],
    ['', ['Failed to parse message body.']],
    ['null', ['Failed to parse message body.']],
  ])('%j', async (body, expected) => {
    expect(await details(body)).toEqual(expected);
  });

  it('is told with each of its fields, and then nothing is sent', async () => {
    const before = await client.account.credits();
    const body = {
      messages: [good, { ...good, format: 'X', callback_url: 'x' }, good, { content: '' }],
    };
    expect(await details(body)).toEqual([
      '/messages/1/callbackUrl: Invalid callback url',
      '/messages/1/format: [X] is invalid',
      `/messages/3/content: ${tooLong}`,
      '/messages/3/destination_number: Destination number cannot be null',
    ]);
    expect(await client.account.messages()).toBe(0);
    expect(await client.account.credits()).toBe(before);
  });

  it('counts characters, not the units of UTF-16', async () => {
    const { status } = await client.post([
      { content: '👍'.repeat(5000), metadata: { ['👍'.repeat(100)]: '👍'.repeat(256) } },
    ]);
    expect(status).toBe(202);
    expect(await detailsOf({ content: '👍'.repeat(5001) })).toEqual(about('content', tooLong));
  });
});
