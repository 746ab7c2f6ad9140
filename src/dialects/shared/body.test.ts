import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../../test/support/raw-http.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { addBodyParser } from './body.ts';
import { addErrorHandler } from './error-handler.ts';

const limit = 1000;
let server: FastifyInstance;
let url: string;
let asked = 0;
const errors: string[] = [];
/** What lay in memory of each refused body. */
const held: number[] = [];

beforeAll(async () => {
  server = Fastify();
  addBodyParser(server, (request) => (request.headers['x-more'] ? 10 * limit : limit));
  addErrorHandler(server, (error, { raw }) => {
    errors.push(error.code);
    held.push(raw.readableLength);
    return {
      status: error.code === 'body_too_large' ? 413 : 400,
      contentType: 'text/plain',
      body: error.code,
    };
  });
  server.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/',
    handler: async (request) => {
      asked++;
      return request.body === undefined ? 'none' : `${(request.body as Buffer).length}`;
    },
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send('not here'));
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

const text = (size: number): string => 'x'.repeat(size);
const request = (lines: string[], body = '', target = '/'): string =>
  `${[`POST ${target} HTTP/1.1`, 'Host: x', ...lines].join('\r\n')}\r\n\r\n${body}`;

describe('what arrives', () => {
  it.each([
    ['no body', [], '', 'none'],
    ['an empty body', ['Content-Length: 0'], '', 'none'],
    [
      'a JSON type and no body',
      ['Content-Type: application/json', 'Content-Length: 0'],
      '',
      'none',
    ],
    ['an empty chunked body', ['Transfer-Encoding: chunked'], '0\r\n\r\n', 'none'],
    ['a body without a type', ['Content-Length: 3'], 'abc', '3'],
    ['a wrong type', ['Content-Type: text/plain', 'Content-Length: 3'], 'abc', '3'],
    ['a type that is none', ['Content-Type: nonsense', 'Content-Length: 3'], 'abc', '3'],
    ['an empty type', ['Content-Type: ', 'Content-Length: 3'], 'abc', '3'],
    ['a type of many words', ['Content-Type: a/b; c="d', 'Content-Length: 3'], 'abc', '3'],
    ['chunks', ['Transfer-Encoding: chunked'], '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n', '3'],
    ['just the limit', [`Content-Length: ${limit}`], text(limit), `${limit}`],
    ['more, where more is allowed', ['x-more: 1', 'Content-Length: 5000'], text(5000), '5000'],
  ])('%s', async (_name, lines, body, answer) => {
    expect(await sendRaw(url, request(lines, body))).toMatchObject({ status: 200, body: answer });
  });

  it('a DELETE has a body, a GET has none that is looked at', async () => {
    const lines = ['Host: x', 'Content-Length: 3', '', 'abc'].join('\r\n');
    expect(await sendRaw(url, `DELETE / HTTP/1.1\r\n${lines}`)).toMatchObject({ body: '3' });
    expect(await sendRaw(url, `GET / HTTP/1.1\r\n${lines}`)).toMatchObject({ body: 'none' });
  });
});

describe('too much', () => {
  it('is answered by what is declared, before anything of it has come', async () => {
    const before = asked;
    const answer = await sendRaw(url, request([`Content-Length: ${10 * 1024 * 1024}`]));
    expect(answer).toMatchObject({ status: 413, body: 'body_too_large' });
    expect(answer.headers['connection']).toBe('close');
    expect(asked).toBe(before);
  });

  it('is answered when a body without a length passes the limit', async () => {
    const chunk = `${limit.toString(16)}\r\n${text(limit)}\r\n`;
    const answer = await sendRaw(url, request(['Transfer-Encoding: chunked'], chunk + chunk));
    expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } });
  });

  it('is not kept: a client that sends 10 MB on gets its answer', async () => {
    const size = 10 * 1024 * 1024;
    const answer = await sendRaw(url, request([`Content-Length: ${size}`], text(size)));
    expect(answer.status).toBe(413);
    expect(held.at(-1)).toBeLessThan(256 * 1024);
  });

  it('ends the connection of a client that never stops', async () => {
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(request(['Transfer-Encoding: chunked']));
    const chunk = `8000\r\n${text(0x8000)}\r\n`;
    const pour = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', pour);
    pour();
    await waitUntil('the connection is ended', () => socket.destroyed);
    socket.destroy();
  });
});

describe('an unknown path', () => {
  it.each([
    ['a small body', ['Content-Length: 3'], 'abc'],
    ['a type that is none', ['Content-Type: nonsense', 'Content-Length: 3'], 'abc'],
    ['a body of 10 MB', [`Content-Length: ${10 * 1024 * 1024}`], ''],
  ])('is answered without reading %s', async (_name, lines, body) => {
    expect(await sendRaw(url, request(lines, body, '/unknown'))).toMatchObject({
      status: 404,
      body: 'not here',
    });
  });
});

describe('a client that goes away in the middle', () => {
  it('is not answered, and leaves nothing behind', async () => {
    const before = { asked, errors: errors.length };
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(request(['Content-Length: 500'], text(100)));
    await waitUntil('the request has arrived', () => connections() > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resetAndDestroy();
    await waitUntil('it is noticed', () => errors.length > before.errors);
    expect(errors.at(-1)).toBe('body_incomplete');
    expect(asked).toBe(before.asked);
  });
});

function connections(): number {
  let count = 0;
  server.server.getConnections((_error, number) => {
    count = number;
  });
  return count || 1;
}
