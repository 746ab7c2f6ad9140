import { describe, expect, it } from 'vitest';
import { longestBody, readPlainRequest } from './plain-request.ts';

const read = (text: string) => readPlainRequest(Buffer.from(text, 'latin1'));

describe('an ordinary request', () => {
  it('is read with its body, and what follows it is left', () => {
    const text =
      'POST /v1/messages?a=b HTTP/1.1\r\nHost: x:8080\r\nContent-Type:application/json\r\n' +
      'X-Blank: \t a b \t\r\nCONTENT-LENGTH: 4\r\nConnection: Keep-Alive\r\n\r\n{"a"';
    expect(read(`${text}GET / HTTP/1.1\r\n`)).toEqual({
      method: 'POST',
      url: '/v1/messages?a=b',
      headers: [
        ['host', 'x:8080'],
        ['content-type', 'application/json'],
        ['x-blank', 'a b'],
        ['content-length', '4'],
        ['connection', 'Keep-Alive'],
      ].flat(),
      body: '{"a"',
      length: text.length,
    });
  });

  it('needs neither header lines nor a body', () => {
    expect(read('GET / HTTP/1.1\r\n\r\n')).toMatchObject({ headers: [], body: null, length: 18 });
    const empty = read('DELETE /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n');
    expect(empty).toMatchObject({ method: 'DELETE', body: null });
  });

  it('keeps every byte', () => {
    const bytes = Buffer.from('PUT / HTTP/1.1\r\nX: é\r\nContent-Length: 6\r\n\r\n€\0\xff', 'utf8');
    const found = readPlainRequest(bytes);
    expect(found).toMatchObject({ headers: ['x', 'Ã©', 'content-length', '6'] });
    expect(Buffer.from((found as { body: string }).body, 'latin1')).toEqual(
      bytes.subarray(bytes.length - 6),
    );
  });

  it('does not lose a sign that only looks blank', () => {
    expect(read('GET / HTTP/1.1\r\nX:\xa0a\xa0\r\n\r\n')).toMatchObject({
      headers: ['x', '\xa0a\xa0'],
    });
  });
});

describe('the beginning of one', () => {
  const whole = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc';

  it('is waited for at every byte', () => {
    for (let length = 1; length < whole.length; length++) {
      expect(read(whole.slice(0, length))).toBe('partial');
    }
    expect(read(whole)).toMatchObject({ body: 'abc' });
  });

  it('is not waited for when it is too long', () => {
    expect(read(`GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}`)).toBe('other');
    expect(read(`GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)).toBe('other');
    expect(read(`POST / HTTP/1.1\r\nContent-Length: ${longestBody + 1}\r\n\r\n`)).toBe('other');
  });
});

describe('what could be read in two ways', () => {
  const heads: [string, string][] = [
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 4'],
    ['the same length twice', 'Content-Length: 3\r\nContent-length: 3'],
    ['a length with a sign', 'Content-Length: +3'],
    ['a list of lengths', 'Content-Length: 3, 3'],
    ['a length of nothing', 'Content-Length:'],
    ['a length in hex', 'Content-Length: 0x3'],
    ['chunks', 'Transfer-Encoding: chunked'],
    ['chunks and a length', 'Content-Length: 3\r\nTransfer-Encoding: chunked'],
    ['an unknown encoding', 'transfer-encoding: identity'],
    ['any header twice', 'X: 1\r\nx: 2'],
    ['a blank before the colon', 'Content-Length : 3'],
    ['a blank before the name', ' Content-Length: 3'],
    ['a continued line', 'X: 1\r\n Content-Length: 3'],
    ['a line feed alone', 'X: 1\nContent-Length: 3'],
    ['a carriage return alone', 'X: 1\rContent-Length: 3'],
    ['a NUL', 'X: 1\0'],
    ['no name', ': 1'],
    ['no colon', 'nonsense'],
    ['a name that is no token', 'X(1): 1'],
    ['an expectation', 'Expect: 100-continue'],
    ['an upgrade', 'Upgrade: websocket'],
    ['an end of the connection', 'Connection: close'],
    ['more than one wish for the connection', 'Connection: keep-alive, Upgrade'],
    ['a wish for the proxy', 'Proxy-Connection: close'],
  ];
  it.each(heads)('%s is left to Node', (_, lines) => {
    expect(read(`POST / HTTP/1.1\r\n${lines}\r\n\r\nabc`)).toBe('other');
  });

  const lines: [string, string][] = [
    ['an older version', 'GET / HTTP/1.0'],
    ['no version', 'GET /'],
    ['the absolute form', 'GET http://x/ HTTP/1.1'],
    ['all of the server', 'OPTIONS * HTTP/1.1'],
    ['a tunnel', 'CONNECT x:80 HTTP/1.1'],
    ['a method that nobody knows', 'FOO / HTTP/1.1'],
    ['a method in small letters', 'get / HTTP/1.1'],
    ['two blanks', 'GET  / HTTP/1.1'],
    ['a blank in the path', 'GET /a b HTTP/1.1'],
    ['signs beyond ASCII in the path', 'GET /é HTTP/1.1'],
    ['a tab', 'GET\t/ HTTP/1.1'],
    ['an empty line before', '\r\nGET / HTTP/1.1'],
    ['another protocol', '\x16\x03\x01\x02'],
  ];
  it.each(lines)('%s is left to Node', (_, line) => {
    expect(read(`${line}\r\nHost: x\r\n\r\n`)).toBe('other');
  });
});
