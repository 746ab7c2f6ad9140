import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

const secret = 's3cr3t-value';
const text = 'Your code is 4711';

function listen(options: { level?: string; text?: boolean } = {}) {
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    ...options,
    destination: { write: (line: string) => void lines.push(line) },
  });
  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, lines, entries, all: () => lines.join('') };
}

/** The same thing at several depths, in lists, in maps, and on an error. */
function nested(inner: object): object[] {
  return [
    inner,
    { a: inner },
    { a: { b: { c: { d: inner } } } },
    { list: [1, [inner]] },
    { map: new Map([['x', inner]]), set: new Set([inner]) },
    { err: Object.assign(new Error('broken'), { config: inner }) },
    { err: new Error('outer', { cause: Object.assign(new Error('inner'), inner) }) },
    { err: new AggregateError([Object.assign(new Error('one of them'), inner)], 'all') },
    {
      thing: new (class Thing {
        held = inner;
      })(),
    },
    { thing: { toJSON: () => inner } },
    Object.assign(new Error('bare'), { more: inner }),
  ];
}

describe('the log', () => {
  it('writes a JSON object a line', () => {
    const { log, lines, entries } = listen();
    log.info({ link: 'up', parts: 3, took: 1.5, ok: true, none: null }, 'sent %d of %s', 3, 'four');
    log.child({ node: 'n1' }).warn('hello');
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
    expect(entries()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^2.*Z$/),
        link: 'up',
        parts: 3,
        took: 1.5,
        ok: true,
        none: null,
        msg: 'sent 3 of four',
      },
      { level: 'warn', time: expect.any(String), node: 'n1', msg: 'hello' },
    ]);
  });

  it('keeps to its level', () => {
    const { log, lines } = listen({ level: 'warn' });
    log.info('no');
    log.error('yes');
    expect(lines).toHaveLength(1);
  });

  it('shows an error with its message, stack, cause and further facts', () => {
    const { log, entries } = listen();
    const cause = new Error('the disk is full');
    log.error(Object.assign(new TypeError('no', { cause }), { code: 'E1' }));
    log.error({ err: new Error('x') }, 'what happened');
    expect(entries()).toMatchObject([
      {
        msg: 'no',
        err: {
          type: 'TypeError',
          message: 'no',
          code: 'E1',
          stack: expect.stringContaining('at '),
          cause: { message: 'the disk is full' },
        },
      },
      { msg: 'what happened', err: { message: 'x' } },
    ]);
  });

  it.each([
    'authorization',
    'Proxy-Authorization',
    'cookie',
    'set-cookie',
    'password',
    'smppPassword',
    'api_key',
    'apikey',
    'X-API-Key',
    'key',
    'accessToken',
    'token',
    'tokens',
    'secret',
    'client_secret',
    'webhookSecret',
    'signature',
    'auth',
    'rawHeaders',
    'credentials',
  ])('never shows what stands under %s', (name) => {
    const { log, all } = listen({ text: true });
    for (const value of [secret, [secret], { value: secret }]) {
      for (const thing of nested({ [name]: value })) {
        log.info(thing);
        log.info('printed: %o and %j', thing, thing);
        log.info({}, 'printed: %j', thing);
        log.child(thing).info('of a child');
        log.child({}).child(thing).info('of a grandchild');
        log.child({}, {}).setBindings(thing);
      }
    }
    expect(all()).not.toContain(secret);
    expect(all()).toContain('[redacted]');
  });

  it.each(['text', 'message', 'body', 'messageText', 'rawBody', 'texts', 'payload', 'content'])(
    'shows what stands under %s only when told to',
    (name) => {
      for (const shown of [false, true]) {
        const { log, all } = listen({ text: shown });
        for (const thing of nested({ held: { [name]: text } })) log.info(thing);
        for (const thing of nested({ held: { [name]: [text] } })) log.info(thing);
        expect(all().includes(text)).toBe(shown);
      }
    },
  );

  it.each([
    'to',
    'from',
    'destination',
    'destinations',
    'number',
    'phoneNumber',
    'recipients',
    'msisdn',
  ])('shows a number under %s in full only when told to', (name) => {
    for (const shown of [false, true]) {
      const { log, all } = listen({ text: shown });
      const forms = ['+61412345678', '61412345678', '0412345678', 61412345678, 61412345678n];
      for (const number of forms) {
        for (const thing of nested({ [name]: number })) log.info(thing);
        for (const thing of nested({ [name]: [number] })) log.info(thing);
      }
      expect(all().includes('12345678')).toBe(shown);
      expect(all().includes('614…678')).toBe(!shown);
    }
  });

  it('leaves senders, short codes, counts and ids alone', () => {
    const { log, entries } = listen();
    const facts = { sender: 'CompanyABC', to: '19911', number: 3, id: '019c2f6e', messages: 5 };
    log.info(facts);
    expect(entries()[0]).toMatchObject(facts);
  });

  it.each([
    ['connecting to postgres://me:s3cr3t-value@db/parlance', '://[redacted]@db/parlance'],
    ['POST https://x.example/send?api=s3cr3t-value&message=hi failed', '/send?[redacted] failed'],
    ['GET /sendsms/?apikey=s3cr3t-value&recipients=0412345678', '/sendsms/?[redacted]'],
    ['sent Authorization: Basic czNjcjN0LXZhbHVl', 'Basic [redacted]'],
    ['sent Bearer abc-s3cr3t-value', 'Bearer [redacted]'],
    ['to +61412345678 now', 'to +614…678 now'],
  ])('takes out of messages and stacks: %s', (message, shown) => {
    const { log, entries, all } = listen();
    log.info(message);
    log.info('%s', message);
    log.error(new Error(message));
    log.info({ detail: message, url: message });
    for (const part of [secret, 'czNjcjN0LXZhbHVl', '12345678']) expect(all()).not.toContain(part);
    expect(all().split(shown).length).toBeGreaterThanOrEqual(6);
    expect(entries()).toHaveLength(4);
  });

  it('does not repeat what JSON.parse could not read', () => {
    const { log, all } = listen();
    for (const json of ['{"message": oh "hello Bob" }', 'hello Bob', '{"a":1,,"b":"hello Bob"}']) {
      try {
        JSON.parse(json);
      } catch (error) {
        log.error({ err: error });
        log.error(error as Error, 'bad JSON');
      }
    }
    expect(all()).toContain('is not valid JSON');
    expect(all()).not.toContain('Bob');
  });

  it('survives whatever it is given', () => {
    const { log, entries, all } = listen();
    const loop: Record<string, unknown> = { name: 'loop' };
    loop['self'] = loop;
    log.info(loop);
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, { v: [i] }]));
    log.info({ wide, list: Array.from({ length: 5000 }, () => 'x') });
    log.info({ long: 'x'.repeat(1_000_000), bytes: Buffer.from(text), when: new Date(0) });
    log.info({
      get trap() {
        throw new Error('no');
      },
    });
    log.info({ fn: () => 1, symbol: Symbol('s'), nan: Number.NaN, nothing: undefined });
    log.info(undefined);
    log.info(null);
    log.child({ loop }).info('child');
    expect(entries()).toHaveLength(8);
    expect(all().length).toBeLessThan(60_000);
    expect(entries()[2]).toMatchObject({
      bytes: `[${text.length} bytes]`,
      when: '1970-01-01T00:00:00.000Z',
    });
  });

  it('is one that the HTTP server can write to', async () => {
    const { log, entries, all } = listen();
    const server = Fastify({ loggerInstance: log });
    server.get('/send', (request) => {
      request.log.info({ request, query: request.query }, 'all of it');
      throw new Error('boom');
    });
    await server.inject({
      url: `/send?apikey=${secret}&message=${encodeURIComponent(text)}&to=0412345678`,
      headers: { authorization: `Bearer ${secret}`, cookie: `session=${secret}` },
    });
    await server.close();
    expect(all()).not.toContain(secret);
    expect(all()).not.toContain('4711');
    expect(all()).not.toContain('0412345678');
    expect(entries()).toContainEqual(
      expect.objectContaining({ req: expect.objectContaining({ method: 'GET', path: '/send' }) }),
    );
    expect(entries()).toContainEqual(
      expect.objectContaining({ err: expect.objectContaining({ message: 'boom' }) }),
    );
  });
});
