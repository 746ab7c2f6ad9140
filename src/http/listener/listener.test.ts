import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Agent, createServer, request as ask } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { Listener } from './listener.ts';
import { listen } from './listener.ts';
import { WholeRequest } from './request.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

let listener: Listener;
let port: number;
let http: Server;
let handle: Handle;
/** Of the requests that came, which came whole. */
let whole: boolean[];
let sockets: Socket[];

beforeEach(async () => {
  whole = [];
  sockets = [];
  handle = echo;
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    whole.push(request instanceof WholeRequest);
    handle(request, response);
  };
  http = createServer({ requireHostHeader: false, keepAliveTimeout: 72_000 }, serve);
  listener = await listen([{ host: '127.0.0.1', port: 0, serve, http }], {
    maxConnections: 20,
    keepAliveMs: 72_000,
  });
  port = listener.bound[0]?.[0]?.port as number;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await listener.destroy();
});

/** Answers with what it was asked. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers, socket } = request;
    const body = Buffer.concat(chunks).toString();
    const text = JSON.stringify({ method, url, headers, address: socket.remoteAddress, body });
    response.writeHead(200, { 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
}

interface Talk {
  socket: Socket;
  /** What was answered so far. */
  text: string;
  ended: Promise<unknown>;
}

function open(...first: string[]): Talk {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => {});
  const talk: Talk = {
    socket,
    text: '',
    ended: new Promise((resolve) => socket.once('close', resolve)),
  };
  socket.on('data', (chunk: Buffer) => (talk.text += chunk.toString('latin1')));
  socket.on('end', () => socket.end());
  for (const text of first) socket.write(text);
  return talk;
}

const answered = (talk: Talk, times = 1): Promise<void> =>
  waitUntil('it is answered', () => talk.text.split('HTTP/1.1 200').length - 1 >= times);

/** Without the date. */
const shape = (text: string): string => text.replace(/Date: .*\r\n/, '');

describe('a request', () => {
  const post = (lines: string, body: string): string =>
    `POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Two: é\r\n${lines}\r\n${body}`;
  const long = 'a'.repeat(100_000);
  const cases: [string, string, boolean][] = [
    ['that comes whole', post('Content-Length: 3\r\n', 'abc'), true],
    ['in chunks', post('Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'), false],
    ['that is the last', post('Connection: close\r\nContent-Length: 3\r\n', 'abc'), false],
    ['with a long body', post(`Content-Length: ${long.length}\r\n`, long), false],
    ['of the older version', 'GET /a?b=c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', false],
  ];
  it.each(cases)('%s is seen as it was sent', async (_, text, comesWhole) => {
    const talk = open(text);
    await answered(talk);
    expect(whole).toEqual([comesWhole]);
    await waitUntil('all of it is there', () => talk.text.endsWith('"}'));
    const { method, url, address, body, headers } = JSON.parse(
      Buffer.from(talk.text.slice(talk.text.indexOf('\r\n\r\n') + 4), 'latin1').toString(),
    ) as Record<string, string> & { headers: Record<string, string> };
    expect({ url, address }).toEqual({ url: '/a?b=c', address: '127.0.0.1' });
    if (method === 'POST') {
      expect(headers).toMatchObject({ host: 'x', 'x-two': 'Ã©' });
      expect(body).toBe(text.includes(long) ? long : 'abc');
    }
  });

  it('is answered in the same words, whoever has read it', async () => {
    handle = (_, response) => {
      response.setHeader('X-One', 'é');
      response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] });
      response.end('grüß');
    };
    const short = open('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const odd = open('GET / HTTP/1.1\r\nHost: x\r\nX: 1\r\nX: 2\r\n\r\n');
    await waitUntil('both are answered', () => /ß|Ã/.test(short.text) && /ß|Ã/.test(odd.text));
    expect(new Set(whole)).toEqual(new Set([false, true]));
    const lines = (text: string): string[] => {
      const [head = '', body = ''] = shape(text).toLowerCase().split('\r\n\r\n');
      return [...head.split('\r\n').toSorted(), body];
    };
    // Node cannot know the length of what follows a head that was written already.
    const framed = (line: string): boolean => !/^(content-length|transfer-encoding)/.test(line);
    expect(lines(short.text).slice(0, -1).filter(framed)).toEqual(
      lines(odd.text).slice(0, -1).filter(framed),
    );
    expect(short.text).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(short.text).toMatch(/Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/);
    expect(short.text.endsWith('\r\n\r\ngr\xc3\xbc\xc3\x9f')).toBe(true);
  });

  it('may follow another before that is answered, and they are answered in order', async () => {
    const waiting: (() => void)[] = [];
    handle = (request, response) => waiting.push(() => echo(request, response));
    const talk = open(
      'GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nPOST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    for (const path of ['/1', '/2', '/3']) {
      await waitUntil('it has come', () => waiting.length === 1);
      waiting.pop()?.();
      await waitUntil('it is answered', () => talk.text.includes(`"url":"${path}"`));
    }
    expect(whole).toEqual([true, true, false]);
  });

  it('has its own header, however like that of the one before, and whatever was written into it', async () => {
    const seen: unknown[] = [];
    handle = (request, response) => {
      const { headers, rawHeaders, complete } = request;
      seen.push(complete, [...rawHeaders], { ...headers });
      headers['a'] = headers['content-length'] = rawHeaders[1] = 'spoilt';
      rawHeaders.push('spoilt', 'too');
      echo(request, response);
    };
    const asked: [lines: string[], body: string][] = [
      [['A: 1', 'B: content-length', 'Content-Length: 3'], 'abc'],
      [['A: 1', 'B: content-length', 'Content-Length: 3'], 'abc'],
      [['A: 1', 'B: content-length', 'Content-Length: 2'], 'de'],
      [['A: 1', 'B: content-length', 'Content-Length: 0'], ''],
      [['A: 1', 'B: content-length', 'Content-Length: 000'], ''],
      [['A: 1', 'B: content-length', 'Content-Length: 1'], 'f'],
      [['A: 1', 'B: content-length'], ''],
      [['A: 1', 'B: content-length'], ''],
      [['A: 1', 'C: content-length'], ''],
      [['A: 1'], ''],
      [['A: 2'], ''],
      [[], ''],
      [['A: 2', 'Content-Length: 1'], 'g'],
      [['Content-Length: 1', 'A: 2'], 'h'],
      [['Content-Length: 12', 'A: 2'], 'abcdefghijkl'],
      // Too long to be remembered.
      [[`A: ${'a'.repeat(3_000)}`, 'Content-Length: 1'], 'i'],
      [[`A: ${'a'.repeat(3_000)}`, 'Content-Length: 1'], 'j'],
      [[], ''],
      [['Content-Length: 12', 'A: 2'], 'abcdefghijkl'],
    ];
    const talk = open();
    const expected: unknown[] = [];
    for (const [at, [lines, body]] of asked.entries()) {
      talk.socket.write(
        `POST / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`,
      );
      await answered(talk, at + 1);
      const fields = lines.map((line) => line.toLowerCase().split(': '));
      expected.push(true, fields.flat(), Object.fromEntries(fields));
    }
    expect(seen).toEqual(expected);
    expect(whole).toEqual(asked.map(() => true));
  });

  it('may come in two pieces', async () => {
    const talk = open('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n');
    setTimeout(() => talk.socket.write('abc'), 5);
    await answered(talk);
    expect(talk.text).toContain('"body":"abc"');
  });

  it('is read no faster than it is wanted', async () => {
    const big = 64 * 1024 * 1024;
    let body: IncomingMessage | undefined;
    handle = (request) => (body = request);
    const { socket } = open(`POST / HTTP/1.1\r\nContent-Length: ${big}\r\n\r\n`);
    await waitUntil('it has come', () => body !== undefined);
    const chunk = Buffer.alloc(64 * 1024);
    let sent = 0;
    const send = (): void => {
      while (sent < big) {
        sent += chunk.length;
        if (!socket.write(chunk)) {
          socket.once('drain', send);
          return;
        }
      }
    };
    send();
    let before = -1;
    await waitUntil('it goes no further', () => {
      const same = sent === before;
      before = sent;
      return same;
    });
    expect(sent).toBeLessThan(big / 2);
    let read = 0;
    for await (const bytes of body as IncomingMessage) read += (bytes as Buffer).length;
    expect(read).toBe(big);
  });

  it('that does not begin is left to Node, who knows for how long', async () => {
    const accepted = once(http, 'connection');
    const talk = open();
    await accepted;
    talk.socket.write('GET / HTTP/1.1\r\n\r\n');
    await answered(talk);
    expect(whole).toEqual([false]);
  });

  it('is not waited for: what has come is seen while the rest is still to come', async () => {
    handle = (_, response) => response.end('no');
    const talk = open('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n');
    await answered(talk);
    expect(whole).toEqual([false]);
  });
});

describe('a client who sends no more', () => {
  it.each([
    ['after a request', 'GET / HTTP/1.1\r\n\r\n', '200'],
    ['after its last request', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', '200'],
    ['in the middle of a head', 'GET / HTTP/1.1\r\nHos', '400'],
    ['in the middle of a body', 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na', '400'],
  ])('%s has the answer that is ready', async (_, text, status) => {
    handle = (_request, response) => response.end('done');
    if (status === '400') handle = () => {};
    const talk = open();
    talk.socket.end(text);
    await talk.ended;
    expect(talk.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

describe('an answer', () => {
  it.each([
    ['that came whole', 'GET / HTTP/1.1\r\n\r\n'],
    ['that did not', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('to a request %s is whole for a client who reads slowly', async (_, text) => {
    const chunk = Buffer.alloc(4096, 'x');
    handle = (_request, response) => {
      response.writeHead(200, { connection: 'close', 'content-length': chunk.length * 1000 });
      for (let number = 0; number < 1000; number++) response.write(chunk);
      response.end();
    };
    const talk = open(text);
    talk.socket.pause();
    await waitUntil('it has come', () => whole.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    talk.socket.resume();
    await talk.ended;
    expect(talk.text.length - talk.text.indexOf('\r\n\r\n') - 4).toBe(chunk.length * 1000);
  });

  it('that is long is not done before it is read', async () => {
    let finished = false;
    handle = (_, response) => {
      response.on('finish', () => (finished = true));
      response.end(Buffer.alloc(32 * 1024 * 1024));
    };
    const talk = open('GET / HTTP/1.1\r\n\r\n');
    talk.socket.pause();
    await waitUntil('it has come', () => whole.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(finished).toBe(false);
    talk.socket.resume();
    await waitUntil('it is done', () => finished);
  });

  it('means what Node would mean, however it is ended', async () => {
    const ways: ((response: ServerResponse) => void)[] = [
      (response) => response.end(() => {}),
      (response) => {
        response.write('a');
        response.write('');
        response.end('b');
        response.end('c');
      },
      (response) => {
        response.cork();
        response.write('a');
        response.end('b');
      },
      (response) => {
        response.setHeader('transfer-encoding', 'chunked');
        response.end('ab');
      },
      (response) => {
        response.setHeader('x-good', '1');
        expect(() => response.setHeader('x-bad', 'a\r\nb: c')).toThrow('Invalid character');
        expect(() => response.writeHead(302, { location: '/', 'x-bad': 'č' })).toThrow('character');
        response.end('ab');
      },
    ];
    handle = ({ url }, response) => ways[Number(url?.slice(1))]?.(response);
    const { origin } = new URL(`http://127.0.0.1:${port}`);
    for (const [at] of ways.entries()) {
      const response = await fetch(`${origin}/${at}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('location')).toBeNull();
      expect(await response.text()).toBe(at === 0 ? '' : 'ab');
    }
  });

  it('that is broken off is no error of the process', async () => {
    for (const broken of [
      (_: IncomingMessage, response: ServerResponse) => response.destroy(new Error('a defect')),
      (request: IncomingMessage) => request.destroy(new Error('a defect')),
    ]) {
      handle = broken;
      const talk = open('GET / HTTP/1.1\r\n\r\n');
      await talk.ended;
      expect(talk.text).toBe('');
    }
  });

  it('is not sent where none belongs', async () => {
    handle = ({ method, url }, response) => {
      response.writeHead(
        url === '/204' ? 204 : 200,
        method === 'HEAD' ? { 'content-length': 5 } : {},
      );
      response.end('12345');
    };
    const talk = open('HEAD / HTTP/1.1\r\n\r\nGET /204 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n');
    await waitUntil('all are answered', () => talk.text.endsWith('12345'));
    expect(talk.text.split('12345')).toHaveLength(2);
    expect(talk.text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-length: 5\r\n/);
    expect(/HTTP\/1\.1 204 [^]*?\r\n\r\n/.exec(talk.text)?.[0]).not.toMatch(/content-length/i);
  });

  it('can be written bit by bit, in chunks, and the connection goes on', async () => {
    handle = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      response.write('one');
      setTimeout(() => response.end('twö'), 5);
    };
    const talk = open('GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n');
    await waitUntil('both are there', () => talk.text.split('0\r\n\r\n').length === 3);
    expect(whole).toEqual([true, true]);
    expect(talk.text).toContain('transfer-encoding: chunked\r\n');
    expect(talk.text).toContain('\r\n\r\n3\r\none\r\n4\r\ntw\xc3\xb6\r\n0\r\n\r\n');
  });

  it('can be of a length that was said before', async () => {
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': '6' });
      response.write('one');
      response.end('two');
    };
    const talk = open('GET / HTTP/1.1\r\n\r\n');
    await waitUntil('it is there', () => talk.text.endsWith('\r\n\r\nonetwo'));
  });

  it('is written no faster than its client reads', async () => {
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    handle = (_, response) => {
      const more = (): void => {
        while (written < 64 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    };
    const answers = ask({ port, agent: new Agent({ keepAlive: true }) });
    answers.end();
    const [response] = (await once(answers, 'response')) as [IncomingMessage];
    let before = -1;
    await waitUntil('it goes no further', () => {
      const same = written === before;
      before = written;
      return same;
    });
    expect(written).toBeLessThan(32 * 1024 * 1024);
    let read = 0;
    for await (const bytes of response) read += (bytes as Buffer).length;
    expect(read).toBe(64 * 1024 * 1024);
    answers.destroy();
  });

  it('cannot break out of its head', async () => {
    const errors: unknown[] = [];
    handle = (_, response) => {
      for (const header of [{ 'x-a': 'b\r\nx-c: d' }, { 'x-a': 'ж' }, { 'x\r\n': 'a' }]) {
        try {
          response.writeHead(200, header);
        } catch (error) {
          errors.push((error as NodeJS.ErrnoException).code);
        }
      }
      response.end('safe');
    };
    const talk = open('GET / HTTP/1.1\r\n\r\n');
    await answered(talk);
    expect(errors).toEqual(['ERR_INVALID_CHAR', 'ERR_INVALID_CHAR', 'ERR_INVALID_HTTP_TOKEN']);
    expect(talk.text).not.toContain('x-c');
  });

  it('can be the last of its connection', async () => {
    handle = (_, response) => {
      response.writeHead(200, { connection: 'close' });
      response.end('bye');
    };
    const talk = open('GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n');
    await talk.ended;
    expect(talk.text).toMatch(/Connection: close\r\n\r\nbye$/);
    expect(whole).toEqual([true]);
  });
});

describe('a client who goes away', () => {
  const asks: [string, string][] = [
    ['whose request came whole', 'GET / HTTP/1.1\r\n\r\n'],
    ['whose request did not', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ];
  it.each(asks)('%s is noticed while it is answered', async (_, text) => {
    const heard: string[] = [];
    handle = (request, response) => {
      response.on('close', () => heard.push(`response, finished: ${response.writableFinished}`));
      request.socket.on('close', () =>
        heard.push(`socket, destroyed: ${request.socket.destroyed}`),
      );
    };
    const talk = open(text);
    await waitUntil('it has come', () => whole.length === 1);
    talk.socket.destroy();
    await waitUntil('it is noticed', () => heard.length === 2);
    expect(heard.toSorted()).toEqual(['response, finished: false', 'socket, destroyed: true']);
  });

  it('can be sent away', async () => {
    handle = (_, response) => response.destroy();
    const talk = open('GET / HTTP/1.1\r\n\r\n');
    await talk.ended;
    expect(talk.text).toBe('');
  });
});

describe('a listener that closes', () => {
  it('ends what is idle at once, and all else after its answer', async () => {
    const waiting: (() => void)[] = [];
    const idle = [
      open('GET / HTTP/1.1\r\n\r\n'),
      open('GET / HTTP/1.1\r\nX: 1\r\nX: 2\r\n\r\n'),
      open(),
    ];
    await Promise.all(idle.slice(0, 2).map((one) => answered(one)));
    handle = (request, response) => waiting.push(() => echo(request, response));
    const busy = [open('GET / HTTP/1.1\r\n\r\n'), open('GET / HTTP/1.1\r\nX: 1\r\nX: 2\r\n\r\n')];
    await waitUntil('both have come', () => waiting.length === 2);

    const closed = listener.close();
    await Promise.all(idle.map(({ ended }) => ended));
    for (const answer of waiting) answer();
    await closed;
    await Promise.all(busy.map(({ ended }) => ended));
    for (const { text } of busy) expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(busy[0]?.text).toContain('Connection: close\r\n');
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
  });

  it('waits for an answer that is still being read, and then for nothing', async () => {
    handle = (_, response) => response.end('x'.repeat(60 * 1024));
    const talk = open('GET / HTTP/1.1\r\n\r\n'.repeat(200));
    talk.socket.pause();
    await waitUntil('it is full', () => whole.length > 20);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = listener.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    talk.socket.resume();
    await closed;
    await talk.ended;
    expect(talk.text.split('HTTP/1.1 200 OK')).toHaveLength(whole.length + 1);
  });

  it('frees what a connection held, also when it is destroyed', async () => {
    let closes = 0;
    handle = (_, response) => response.on('close', () => closes++);
    open('GET / HTTP/1.1\r\n\r\n');
    open('GET / HTTP/1.1\r\nConnection: close\r\n\r\n');
    await waitUntil('both have come', () => whole.length === 2);
    await listener.destroy();
    await waitUntil('both have ended', () => closes === 2);
    await listener.close();
  });
});

describe('an address', () => {
  it('that is taken is an error of the system', async () => {
    const taken = { host: '127.0.0.1', port, serve: echo, http: createServer() };
    const limits = { maxConnections: 1, keepAliveMs: 1_000 };
    await expect(listen([taken], limits)).rejects.toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '127.0.0.1',
      port,
    });
  });

  it('has no more connections than it may', async () => {
    const many = Array.from({ length: 25 }, () => open('GET / HTTP/1.1\r\n\r\n'));
    await waitUntil('all are served or refused', () =>
      many.every(({ text, socket }) => text !== '' || socket.destroyed),
    );
    expect(many.filter(({ text }) => text !== '')).toHaveLength(20);
  });
});
