import { describe, expect, it } from 'vitest';
import type { AccountView } from '../../core/accounts/account.ts';
import type { Event, MessageFacts, ReplyFacts } from '../../core/events.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import type { NotificationRequest } from '../../core/ports/notifier.ts';
import { form } from './notifications.ts';
import { TemplateError } from './velocity/limits.ts';

const at = Date.parse('2018-07-26T23:39:25.387Z');
const createdAt = Date.parse('2018-07-26T23:39:25.382Z');
const callbackUrl = 'https://client.example/callback?a=1';

const view = (settings: object = {}): AccountView =>
  ({
    account: { name: 'MessageMediaM123', settings: { messagemedia: settings } },
  }) as unknown as AccountView;

const facts = {
  id: 'a0589035-0000-4000-8000-000000000000',
  destination: '+61439123036',
  sender: '+61491570157',
  text: 'Hey there!',
  clientRef: null,
  parts: 1,
  status: 'queued',
  error: null,
  sentAt: null,
  createdAt,
} as unknown as MessageFacts;

const news = (type: string, more: Partial<MessageFacts> = {}): Event =>
  ({ type, at, id: 'e1', message: { ...facts, ...more } }) as unknown as Event;
const reply = (more: Partial<ReplyFacts> = {}): Event =>
  ({
    type: 'reply.received',
    at,
    id: 'e1',
    reply: {
      from: '+61439123036',
      to: '+61491570157',
      text: 'Hello "back" & <bye>',
      keyword: null,
      original: null,
      ...more,
    },
  }) as unknown as Event;
const original = (extras?: object): ReplyFacts['original'] =>
  ({ ...facts, ...(extras && { extras }) }) as unknown as ReplyFacts['original'];

const endpoint = (topic: string, settings: object = {}, url = ''): Endpoint =>
  ({ topic, url, settings }) as unknown as Endpoint;
const hook = (settings: object, url = 'https://client.example/hook'): Endpoint =>
  endpoint('webhook', settings, url);

const render = async (
  event: Event,
  to: Endpoint,
  more: { attempt?: number; settings?: object } = {},
): Promise<NotificationRequest> =>
  form.render(event, to, view(more.settings), {
    now: at,
    secret: null,
    notificationId: 'n1',
    attempt: more.attempt ?? 0,
    signingKey: null,
  });

const asked = { deliveryReport: true };
const called = { callbackUrl };

describe('who hears what', () => {
  const delivered = news('message.delivered', { status: 'delivered' });
  const all = { events: ['DELIVERED_DR', 'ENROUTE_DR', 'RECEIVED_SMS'] };

  it.each([
    // event, reports, replies, callback, webhook
    ['a report nobody asked for', delivered, '---w'],
    ['a report', news('message.delivered', { extras: asked }), 'r--w'],
    [
      'a report for a callback',
      news('message.delivered', { extras: { ...asked, ...called } }),
      'r-c-',
    ],
    ['a callback without reports', news('message.delivered', { extras: called }), '----'],
    ['accepted', news('message.accepted', { extras: asked }), 'r--w'],
    ['scheduled', news('message.accepted', { extras: asked, status: 'scheduled' }), '----'],
    ['released', news('message.released', { extras: asked }), 'r--w'],
    ['cancelled', news('message.cancelled', { extras: asked, status: 'cancelled' }), '----'],
    ['a part', { ...news('part.delivered', { extras: asked }), part: 1 } as Event, '----'],
    ['submitted', news('message.sent', { extras: asked, status: 'sent' }), 'r---'],
    ['a reply to nothing', reply(), '-a-w'],
    ['a reply', reply({ original: original() }), '-a-w'],
    ['a reply for a callback', reply({ original: original(called) }), '-ac-'],
    ['a stop', reply({ keyword: 'stop' }), '-a-w'],
    ['a start', reply({ keyword: 'start' }), '-a-w'],
    ['an opt-out by request', { type: 'optout.added' } as Event, '----'],
  ])('%s: %3$s', (_, event, expected) => {
    const heard = [
      form.wants(event, endpoint('reports'), view()) ? 'r' : '-',
      form.wants(event, endpoint('replies'), view()) ? 'a' : '-',
      form.wants(event, endpoint('callback'), view()) ? 'c' : '-',
      form.wants(event, hook(all), view()) ? 'w' : '-',
    ].join('');
    expect(heard).toBe(expected);
    expect(form.wants(event, endpoint('other'), view())).toBe(false);
    expect(form.wants(event, hook({ events: 1 }), view())).toBe(false);
  });

  it.each([
    ['message.accepted', {}, 'ENROUTE_DR'],
    ['message.released', {}, 'ENROUTE_DR'],
    ['message.sent', { status: 'sent' }, 'SUBMITTED_DR'],
    ['message.delivered', { status: 'delivered' }, 'DELIVERED_DR'],
    ['message.failed', { status: 'failed', error: 'undeliverable' }, 'FAILED_DR'],
    ['message.failed', { status: 'expired', error: 'validity_expired' }, 'EXPIRED_DR'],
    ['message.failed', { status: 'rejected', error: 'recipient_opted_out' }, 'REJECTED_DR'],
  ] as const)('%s %j is %s', (type, more, name) => {
    const event = news(type, more);
    expect(form.wants(event, hook({ events: [name] }), view())).toBe(true);
    const others = ['ENROUTE_DR', 'SUBMITTED_DR', 'DELIVERED_DR', 'FAILED_DR', 'EXPIRED_DR'];
    const rest = [...others, 'REJECTED_DR', 'RECEIVED_SMS'].filter((one) => one !== name);
    expect(form.wants(event, hook({ events: rest }), view())).toBe(false);
    expect(form.wants(event, endpoint('events', {}, 'https://x'), view())).toBe(true);
  });

  it('tells a stop as a wish to be left alone, whatever callback there is', async () => {
    const stop = reply({ keyword: 'stop', original: original(called) });
    expect(form.wants(stop, hook({ events: ['OPT_OUT_SMS', 'RECEIVED_SMS'] }), view())).toBe(true);
    expect(form.wants(stop, hook({ events: ['RECEIVED_SMS'] }), view())).toBe(false);
    expect(form.wants(reply(), hook({ events: ['OPT_OUT_SMS'] }), view())).toBe(false);
    const template = '$notificationId $moId $!replyId $moContent';
    const optOut = await render(stop, hook({ events: ['OPT_OUT_SMS'], template }));
    expect(optOut.body).toBe('e1 $moId  Hello "back" & <bye>');
    const received = await render(stop, hook({ events: ['RECEIVED_SMS'], template }));
    expect(received.body).toBe('$notificationId e1 e1 Hello "back" & <bye>');
  });
});

describe('callbacks', () => {
  it('are as captured (reference §6)', async () => {
    const event = news('message.accepted', { extras: { ...asked, ...called } });
    const request = await render(event, endpoint('callback'));
    expect(request).toEqual({
      method: 'POST',
      url: callbackUrl,
      headers: { 'Content-Type': 'application/json' },
      body:
        '{"vendor_account_id":{"vendor_id":"MessageMedia","account_id":"MessageMediaM123"},' +
        `"callback_url":"${callbackUrl}","delivery_report_id":"e1","source_number":"+61439123036",` +
        '"date_received":"2018-07-26T23:39:25.387Z","status":"enroute","delay":0,' +
        '"submitted_date":"2018-07-26T23:39:25.382Z","original_text":"Hey there!",' +
        `"message_id":"${facts.id}","error_code":"101","metadata":{}}`,
    });
    expect(form.urlOf?.(event, endpoint('callback'))).toBe(callbackUrl);
  });

  it('tell replies in the documented order', async () => {
    const event = reply({ original: original({ ...called, metadata: { key: 'value' } }) });
    const { url, body } = await render(event, endpoint('callback'));
    expect(url).toBe(callbackUrl);
    expect(Object.keys(JSON.parse(body) as object)).toEqual([
      'callback_url',
      'source_number',
      'destination_number',
      'message_id',
      'date_received',
      'metadata',
      'reply_id',
      'vendor_account_id',
      'content',
    ]);
    expect(JSON.parse(body)).toMatchObject({
      source_number: '+61439123036',
      reply_id: 'e1',
      metadata: { key: 'value' },
    });
  });

  it('are repeated with ever longer waits, until any 2xx', () => {
    const policy = form.policy(endpoint('callback'), view());
    expect(policy.retryDelaysMs.map((ms) => ms / 60_000)).toEqual([
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512,
    ]);
    expect(policy.timeoutMs).toBe(20_000);
    const heard = [199, 200, 202, 204, 299, 300, 302, 400, 410, 500].map((one) =>
      policy.succeeded(one),
    );
    expect(heard).toEqual([false, true, true, true, true, false, false, false, false, false]);
  });
});

describe('webhooks', () => {
  const metadata = { 'key 1': 'value & 1', key2: '"2"' };
  const delivered = news('message.delivered', {
    status: 'delivered',
    parts: 3,
    extras: { ...asked, metadata },
  });
  const received = reply({ original: original({ metadata }) });

  it.each([
    [
      'a report',
      delivered,
      '$format/$type $mtId/$messageId $drId/$reportId $accountId $vendorId $submittedTimestamp $receivedTimestamp ' +
        "$status $statusCode $metadata.get('key2') $sourceAddress $mtContent/$messageContent $retryCount $billingUnits",
      `SMS/SMS ${facts.id}/${facts.id} e1/e1 MessageMediaM123 MessageMedia 2018-07-26T23:39:25.382Z ` +
        '2018-07-26T23:39:25.387Z delivered 220 "2" +61439123036 Hey there!/Hey there! 4 3',
    ],
    [
      'what a report has not',
      delivered,
      '$moId $destinationAddress $moContent $attachments $notificationId',
      '$moId $destinationAddress $moContent $attachments $notificationId',
    ],
    [
      'a reply',
      received,
      '$format $mtId $moId/$replyId $submittedTimestamp $receivedTimestamp $metadata.key2 $sourceAddress ' +
        '$destinationAddress $mtContent $moContent/$replyContent $retryCount',
      `SMS ${facts.id} e1/e1 2018-07-26T23:39:25.382Z 2018-07-26T23:39:25.387Z "2" +61439123036 ` +
        '+61491570157 Hey there! Hello "back" & <bye>/Hello "back" & <bye> 4',
    ],
    [
      'a reply to nothing',
      reply(),
      '$mtId $mtContent $submittedTimestamp $metadata.size() $status',
      '$mtId $mtContent $submittedTimestamp 0 $status',
    ],
    ['the medium', news('message.accepted', { medium: 'mms' }), '$format $type', 'MMS MMS'],
  ])('templates: %s', async (_, event, template, expected) => {
    const events = ['DELIVERED_DR', 'ENROUTE_DR', 'RECEIVED_SMS'];
    const { body } = await render(event, hook({ events, template }), { attempt: 4 });
    expect(body).toBe(expected);
  });

  it('have the fields of the vendor’s samples without a template', async () => {
    const report = await render(delivered, hook({}));
    expect(report).toMatchObject({
      method: 'POST',
      url: 'https://client.example/hook',
      headers: { 'Content-Type': 'application/json' },
    });
    expect(report.body).toBe(
      '{"delivery_report_id":"e1","source_number":"+61439123036","date_received":"2018-07-26T23:39:25.387Z",' +
        '"status":"delivered","delay":"0","submitted_date":"2018-07-26T23:39:25.382Z",' +
        `"message_id":"${facts.id}","original_text":"Hey there!",` +
        '"vendor_account_id":{"vendor_id":"MessageMedia","account_id":"MessageMediaM123"},"error_code":"220",' +
        '"metadata":{"key 1":"value & 1","key2":"\\"2\\""}}',
    );
    const answer = await render(received, hook({ events: ['RECEIVED_SMS'] }));
    expect(answer.body).toBe(
      '{"account_id":"MessageMediaM123","reply_id":"e1","destination_number":"+61491570157",' +
        '"source_number":"+61439123036","date_received":"2018-07-26T23:39:25.387Z",' +
        `"message_id":"${facts.id}","content":"Hello \\"back\\" & <bye>",` +
        '"metadata":{"key 1":"value & 1","key2":"\\"2\\""}}',
    );
    const stop = await render(reply({ keyword: 'stop' }), hook({ events: ['OPT_OUT_SMS'] }));
    expect(Object.keys(JSON.parse(stop.body) as object)).toEqual([
      'notification_id',
      'account_id',
      'destination_number',
      'source_number',
      'date_received',
      'content',
      'metadata',
    ]);
  });

  it('without a template, as a form', async () => {
    const { body, headers } = await render(received, hook({ encoding: 'FORM_ENCODED' }));
    expect(headers).toEqual({ 'Content-Type': 'application/x-www-form-urlencoded' });
    expect([...new URLSearchParams(body)]).toEqual([
      ['account_id', 'MessageMediaM123'],
      ['reply_id', 'e1'],
      ['destination_number', '+61491570157'],
      ['source_number', '+61439123036'],
      ['date_received', '2018-07-26T23:39:25.387Z'],
      ['message_id', facts.id],
      ['content', 'Hello "back" & <bye>'],
      ['metadata[key 1]', 'value & 1'],
      ['metadata[key2]', '"2"'],
    ]);
    const report = await render(delivered, hook({ encoding: 'FORM_ENCODED' }));
    expect(new URLSearchParams(report.body).get('vendor_account_id[vendor_id]')).toBe(
      'MessageMedia',
    );
  });

  it('without a template, as XML', async () => {
    const { body, headers } = await render(received, hook({ encoding: 'XML' }));
    expect(headers).toEqual({ 'Content-Type': 'application/xml' });
    expect(body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><reply><account_id>MessageMediaM123</account_id><reply_id>e1</reply_id>' +
        '<destination_number>+61491570157</destination_number><source_number>+61439123036</source_number>' +
        `<date_received>2018-07-26T23:39:25.387Z</date_received><message_id>${facts.id}</message_id>` +
        '<content>Hello &quot;back&quot; &amp; &lt;bye&gt;</content><metadata><entry key="key 1">value &amp; 1</entry>' +
        '<entry key="key2">&quot;2&quot;</entry></metadata></reply>',
    );
    const report = await render(delivered, hook({ encoding: 'XML' }));
    expect(report.body).toContain('<delivery_report><delivery_report_id>e1</delivery_report_id>');
    expect(report.body).toContain('<vendor_id>MessageMedia</vendor_id>');
    const stop = reply({ keyword: 'stop' });
    expect((await render(stop, hook({ encoding: 'XML' }))).body).toContain('<opt_out>');
  });

  it('encode values in a template that is a form, and leave those of JSON and XML to $esc', async () => {
    const template = 'id=$moId&text=$moContent&again=$esc.url($moContent)';
    const text = encodeURIComponent('Hello "back" & <bye>');
    const form = await render(received, hook({ encoding: 'FORM_ENCODED', template }));
    expect(form.body).toBe(`id=e1&text=${text}&again=${text}`);
    const json = await render(received, hook({ template: '{"a":"$esc.json($moContent)"}' }));
    expect(JSON.parse(json.body)).toEqual({ a: 'Hello "back" & <bye>' });
    const xml = await render(received, hook({ encoding: 'XML', template: '<a>$moContent</a>' }));
    expect(xml.body).toBe('<a>Hello "back" & <bye></a>');
  });

  it.each(['json', 'html', 'xml', 'javascript'])(
    'let no text out of its place that went through $esc.%s',
    async (tool) => {
      const evil = reply({ text: 'x&admin=1#f' });
      const template = `text=$esc.${tool}($moContent)`;
      const form = await render(evil, hook({ encoding: 'FORM_ENCODED', template }));
      expect([...new URLSearchParams(form.body).keys()]).toEqual(['text']);
      const url = `https://client.example/hook?${template}`;
      const got = new URL((await render(evil, hook({ method: 'GET' }, url))).url);
      expect([[...got.searchParams.keys()], got.hash]).toEqual([['text'], '']);
    },
  );

  it('are rendered in a turn of the event loop that is not their sender’s', async () => {
    let done = false;
    const rendered = render(received, hook({ template: '$moContent' })).then(() => {
      done = true;
    });
    for (let i = 0; i < 100; i++) await Promise.resolve();
    expect(done).toBe(false);
    await rendered;
  });

  it('cost one budget with their URL', async () => {
    const half = '#set($x = [1..6000])';
    const url = `https://client.example/hook?${half}`;
    await expect(render(received, hook({ template: '' }, url))).resolves.toBeDefined();
    await expect(render(received, hook({ template: half }))).resolves.toBeDefined();
    await expect(render(received, hook({ template: half }, url))).rejects.toThrow(TemplateError);
  });

  it.each(['GET', 'DELETE'])('%s has no body, and its own headers', async (method) => {
    const settings = { method, template: 'x', headers: { 'X-Custom-Header': 'Hello world!' } };
    const url = 'https://client.example/hook?reply=$moContent&from=$sourceAddress&id=$drId';
    expect(await render(received, hook(settings, url))).toEqual({
      method,
      url:
        'https://client.example/hook?reply=Hello%20%22back%22%20%26%20%3Cbye%3E' +
        '&from=%2B61439123036&id=$drId',
      headers: { 'X-Custom-Header': 'Hello world!' },
      body: '',
    });
  });

  it.each(['POST', 'PUT', 'PATCH'])('%s has a body, and its own headers', async (method) => {
    const settings = { method, headers: { 'X-Custom-Header': 'Hello world!' } };
    const request = await render(received, hook(settings));
    expect(request).toMatchObject({
      method,
      headers: { 'X-Custom-Header': 'Hello world!', 'Content-Type': 'application/json' },
    });
    expect(request.body).not.toBe('');
  });

  it.each([
    ['https://client.example', 'https://client.example'],
    ['https://client.example$moId', 'https://client.example$moId'],
    ['https://client.example/$moId?x#$moId', 'https://client.example/e1?x#e1'],
    ['https://client.example:8443?$status', 'https://client.example:8443?$status'],
    ['https://client.example#if($moId).evil.example/#end', 'https://client.example/.evil.example/'],
    ['https://client.example/$text', 'https://client.example/$text'],
  ])('%s goes to %s', async (url, expected) => {
    expect((await render(received, hook({}, url))).url).toBe(expected);
  });

  it('cannot be led elsewhere by what somebody writes', async () => {
    const text = '/../../@evil.example\\..\r\nHost: x#?&';
    const event = reply({ text });
    for (const url of [
      'https://client.example/a/$moContent',
      'https://client.example/a?b=$moContent',
    ]) {
      const rendered = new URL((await render(event, hook({}, url))).url);
      expect(rendered.host).toBe('client.example');
      expect(rendered.pathname.startsWith('/a')).toBe(true);
      expect(rendered.hash).toBe('');
    }
  });

  it.each([
    [{}, 20_000, []],
    [{ readTimeoutMs: 500 }, 500, []],
    [{ retries: 3, retryDelaySeconds: 30 }, 20_000, [30_000, 30_000, 30_000]],
  ])('policy of %j', (settings, timeoutMs, retryDelaysMs) => {
    const policy = form.policy(hook(settings), view());
    expect(policy).toMatchObject({ timeoutMs, retryDelaysMs });
    expect([200, 299, 300, 199].map((one) => policy.succeeded(one))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
