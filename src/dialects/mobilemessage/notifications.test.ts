import { describe, expect, it } from 'vitest';
import type { AccountView } from '../../core/accounts/account.ts';
import type { Event, MessageFacts } from '../../core/events.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { form } from './notifications.ts';

const at = Date.parse('2024-09-30T14:35:00.900Z');
const viewOf = (edition: string, more: object = {}): AccountView =>
  ({ account: { settings: { mobilemessage: { edition, ...more } } } }) as unknown as AccountView;
const endpoint = (topic: string): Endpoint =>
  ({ topic, url: 'https://client.example/hook' }) as Endpoint;

const message = {
  id: '044b035f-0396-4a47-8428-12d5273ab04a',
  destination: '+61412345678',
  sender: 'Mobile MSG',
  text: 'Hello, this is message 1',
  clientRef: 'tracking001',
  parts: 1,
  status: 'delivered',
  error: null,
  sentAt: at,
} as unknown as MessageFacts;
const event = (type: string, facts: Partial<MessageFacts> = {}, more: object = {}): Event =>
  ({ type, at, message: { ...message, ...facts }, ...more }) as unknown as Event;
const reply = (text: string, more: object = {}): Event =>
  ({
    type: 'reply.received',
    at,
    reply: {
      from: '+61412345699',
      to: '+61412345678',
      text,
      keyword: null,
      original: null,
      ...more,
    },
  }) as unknown as Event;

const render = (told: Event, edition: string, secret: string | null = null) => {
  const topic = told.type === 'reply.received' ? 'inbound' : 'status';
  return form.render(told, endpoint(topic), viewOf(edition), {
    now: 1_754_640_000_000,
    secret,
    notificationId: 'n',
    attempt: 0,
    signingKey: null,
  });
};
const sample = (name: string): unknown => readFixture(import.meta.url, name);

describe('payloads', () => {
  it('are the samples of the seed', () => {
    expectSample(render(event('message.delivered'), '2024').body, sample('webhook-status.json'));
    const inbound = render(reply('Hello, this is message 1'), '2024');
    expectSample(inbound.body, sample('webhook-inbound.json'));
    expect(inbound).toMatchObject({
      method: 'POST',
      url: 'https://client.example/hook',
      headers: { 'Content-Type': 'application/json' },
    });
  });

  it('are the samples of the reference in edition 2026', () => {
    const part = event('part.delivered', {}, { part: 1 });
    expectSample(render(part, '2026').body, sample('webhook-status-2026.json'));
    const original = { id: message.id, clientRef: 'tracking001' };
    const told = reply('Hello', { from: '+61412345678', to: '+61400000010', original });
    const inbound = { ...told, at: Date.parse('2026-03-08T14:35:00Z') };
    expectSample(render(inbound, '2026').body, sample('webhook-inbound-2026.json'));
  });

  it.each([
    [
      'part.failed',
      { parts: 3 },
      { part: 2 },
      { status: 'failed', part_number: 2, total_parts: 3 },
    ],
    ['message.failed', { parts: 3 }, {}, { status: 'failed', part_number: 1, total_parts: 3 }],
    ['part.delivered', { sender: '+61412345699' }, { part: 1 }, { sender: '61412345699' }],
    ['part.delivered', { clientRef: null }, { part: 1 }, { custom_ref: '' }],
  ])('%s %j', (type, facts, more, expected) => {
    const body = JSON.parse(render(event(type, facts, more), '2026').body) as object;
    expect(body).toMatchObject(expected);
  });

  it.each([
    ['stop', 'unsubscribe'],
    ['start', 'inbound'],
    [null, 'inbound'],
  ])('a reply with the keyword %s is of type %s', (keyword, type) => {
    const { body } = render(reply('text', { keyword, to: 'Mobile MSG' }), '2024');
    expect(JSON.parse(body)).toMatchObject({ type, to: 'Mobile MSG', sender: '61412345699' });
  });

  it('have empty strings for an original that is not known', () => {
    const body = JSON.parse(render(reply('Hi'), '2026').body) as object;
    expect(body).toMatchObject({ original_message_id: '', original_custom_ref: '' });
  });

  it.each(['2024', '2026'])('are signed where there is a secret, edition %s', (edition) => {
    const { headers, body } = render(event('message.delivered'), edition, 'abc123');
    expect(headers).toMatchObject({ 'X-MM-Timestamp': '1754640000' });
    expect(headers['X-MM-Signature']).toMatch(/^[0-9a-f]{64}$/);
    expect(render(event('message.delivered'), edition).headers).not.toHaveProperty(
      'X-MM-Signature',
    );
    expect(body).not.toContain('abc123');
  });
});

describe('what is told', () => {
  const failed = (error: string, sentAt: number | null = null): Event =>
    event('message.failed', { error, sentAt } as Partial<MessageFacts>);
  it.each([
    ['message.accepted', event('message.accepted'), false, false],
    ['message.sent', event('message.sent'), false, false],
    ['message.delivered', event('message.delivered'), true, false],
    ['message.cancelled', event('message.cancelled'), false, false],
    ['part.delivered', event('part.delivered', {}, { part: 1 }), false, true],
    ['part.failed', event('part.failed', {}, { part: 1 }), false, true],
    // The network's word comes for each part.
    ['message.failed by the network', failed('undeliverable', at), true, false],
    ['message.failed, rejected by the network', failed('rejected_by_network', at), true, false],
    ['message.failed, expired in the network', failed('validity_expired', at), true, false],
    // Nobody else will tell of these.
    ['message.failed, expired in the queue', failed('validity_expired'), true, true],
    ['message.failed, refused by the link', failed('refused_by_link'), true, true],
    ['message.failed, tries used up', failed('retries_exhausted'), true, true],
    ['message.failed, answer lost', failed('answer_lost'), true, true],
    ['message.failed, no receipt', failed('receipt_overdue', at), true, true],
    ['optout.added', { type: 'optout.added' } as unknown as Event, false, false],
  ])('%s: 2024 %4$s, 2026 %5$s', (_, told, older, newer) => {
    expect(form.wants(told, endpoint('status'), viewOf('2024'))).toBe(older);
    expect(form.wants(told, endpoint('status'), viewOf('2026'))).toBe(newer);
    expect(form.wants(told, endpoint('inbound'), viewOf('2026'))).toBe(false);
    expect(form.wants(told, endpoint('other'), viewOf('2024'))).toBe(false);
  });

  it('tells replies at the inbound URL alone', () => {
    expect(form.wants(reply('a'), endpoint('inbound'), viewOf('2024'))).toBe(true);
    expect(form.wants(reply('a'), endpoint('status'), viewOf('2024'))).toBe(false);
    expect(form.wants(reply('a'), endpoint('status'), viewOf('2026'))).toBe(false);
  });
});

describe('when it is heard', () => {
  it.each([
    [undefined, [60, 60, 60, 60, 60]],
    ['minutely', [60, 60, 60, 60, 60]],
    ['exponential', [60, 120, 240, 480, 960, 1920, 3840, 7680]],
    [[], []],
    [
      [5, 10],
      [5, 10],
    ],
  ])('retries %j', (webhookRetries, seconds) => {
    const view = viewOf('2024', webhookRetries === undefined ? {} : { webhookRetries });
    const policy = form.policy(endpoint('status'), view);
    expect(policy.retryDelaysMs).toEqual(seconds.map((one) => one * 1000));
    expect(policy.timeoutMs).toBe(5000);
    expect(form.policy(endpoint('inbound'), view)).toBe(policy);
  });

  it.each([
    [200, true],
    [201, false],
    [202, false],
    [204, false],
    [302, false],
    [400, false],
    [500, false],
  ])('status %i: %s', (status, heard) => {
    expect(form.policy(endpoint('status'), viewOf('2026')).succeeded(status)).toBe(heard);
  });
});
