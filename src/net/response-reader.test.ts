import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../test/support/seeded-random.ts';
import { ProtocolError } from './protocol-error.ts';
import { ResponseReader } from './response-reader.ts';

interface Seen {
  status: number | undefined;
  body: string;
  reusable: boolean;
}

/** Reads bytes in pieces; gives what was read once the reader says that it is whole. */
function read(pieces: readonly string[], most = 20_000): Seen {
  const reader = new ResponseReader(most);
  for (const piece of pieces) if (reader.take(Buffer.from(piece, 'latin1'))) return seen(reader);
  if (reader.end()) return seen(reader);
  throw new Error('it is not whole');
}

function seen(reader: ResponseReader): Seen {
  return { status: reader.head?.status, body: reader.text(), reusable: reader.reusable };
}

const well = [
  {
    name: 'a length',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    seen: { status: 200, body: 'hello', reusable: true },
  },
  {
    name: 'no reason, no spaces, a header that is empty',
    bytes: 'HTTP/1.1 200\r\ncontent-length:5\r\nX:\r\nY: \t \r\n\r\nhello',
    seen: { status: 200, body: 'hello', reusable: true },
  },
  {
    name: 'the same length twice',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
    seen: { status: 200, body: 'hello', reusable: true },
  },
  {
    name: 'chunks, an extension and a trailer',
    bytes:
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n',
    seen: { status: 200, body: 'hello', reusable: true },
  },
  {
    name: 'responses that are none before it',
    bytes:
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n',
    seen: { status: 204, body: '', reusable: true },
  },
  {
    name: 'a body that ends with the connection',
    bytes: 'HTTP/1.1 200 OK\r\n\r\nhello',
    seen: { status: 200, body: 'hello', reusable: false },
  },
  {
    name: 'a coding that is not chunks at the end',
    bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nhello',
    seen: { status: 200, body: 'hello', reusable: false },
  },
  {
    name: 'a wish to close',
    bytes: 'HTTP/1.1 500 No\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n',
    seen: { status: 500, body: '', reusable: false },
  },
  {
    name: 'the older version',
    bytes: 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    seen: { status: 200, body: 'hello', reusable: false },
  },
  {
    name: 'the older version, kept alive',
    bytes: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello',
    seen: { status: 200, body: 'hello', reusable: true },
  },
];

describe('a response', () => {
  it.each(well)('with $name, whole and byte by byte', ({ bytes, seen }) => {
    expect(read([bytes])).toEqual(seen);
    expect(read([...bytes])).toEqual(seen);
  });

  it('is the same however it is cut', () => {
    const random = seededRandom(7);
    for (const { name, bytes, seen } of well) {
      for (let round = 0; round < 200; round++) {
        const pieces: string[] = [];
        for (let at = 0; at < bytes.length; ) {
          const length = 1 + random(12);
          pieces.push(bytes.slice(at, at + length));
          at += length;
        }
        expect(read(pieces), name).toEqual(seen);
      }
    }
  });

  it('has its headers by their names in lower case, whatever they are called', () => {
    const reader = new ResponseReader(10);
    const bytes =
      'HTTP/1.1 200 OK\r\nX-A:  b \r\nx-a: c\r\n__proto__: d\r\nContent-Length: 0\r\n\r\n';
    expect(reader.take(Buffer.from(bytes))).toBe(true);
    expect(Object.entries(reader.head?.headers ?? {})).toEqual([
      ['x-a', 'b, c'],
      ['__proto__', 'd'],
      ['content-length', '0'],
    ]);
  });

  it.each(['Content-Length: 5', 'Transfer-Encoding: chunked'])(
    'after which more comes is the last on its connection: %s',
    (header) => {
      const body = header.startsWith('C') ? 'hello' : '5\r\nhello\r\n0\r\n\r\n';
      const bytes = `HTTP/1.1 200 OK\r\n${header}\r\n\r\n${body}HTTP/1.1 200 OK\r\n`;
      expect(read([bytes])).toEqual({ status: 200, body: 'hello', reusable: false });
    },
  );

  it.each(['Content-Length: 5', 'Transfer-Encoding: chunked', 'X: y'])(
    'is whole with what may be read of it: %s',
    (header) => {
      const body = header.startsWith('T') ? '5\r\nhello\r\n' : 'hello';
      expect(read([`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${body}`], 3)).toEqual({
        status: 200,
        body: 'hel',
        reusable: false,
      });
    },
  );

  it('of which the end is missing is not whole', () => {
    expect(() => read(['HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello'])).toThrow('not whole');
    expect(() => read(['HTTP/1.1 200 OK\r\nX: y\r\n'])).toThrow('not whole');
  });
});

describe('what is no response', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['its beginning', 'HTTQ'],
    ['a newer version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a change of the protocol', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n'],
    ['a status line that ends in LF', 'HTTP/1.1 200 OK\nX: y\r\n\r\n'],
    ['lines that all end in LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['a header line that ends in LF', `${head}X: y\nContent-Length: 0\r\n\r\n`],
    ['a folded line', `${head}X: y\r\n z\r\n\r\n`],
    ['a space before the colon', `${head}Content-Length : 0\r\n\r\n`],
    ['a line without a colon', `${head}X\r\n\r\n`],
    ['a U+0000', `${head}X: \0\r\n\r\n`],
    ['a length that is none', `${head}Content-Length: 0x5\r\n\r\n`],
    ['a length below zero', `${head}Content-Length: -1\r\n\r\n`],
    ['two lengths', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`],
    ['a length and chunks', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['a chunk without a size', `${chunked}\r\n`],
    ['a chunk of a size below zero', `${chunked}-1\r\n`],
    ['a chunk of an endless size', `${chunked}${'f'.repeat(20)}\r\n`],
    ['a size line that ends in LF', `${chunked}5\nhello\r\n`],
    ['a chunk that is longer than it said', `${chunked}5\r\nhello!\r\n`],
    ['an endless line of a chunk', `${chunked}5;${'x'.repeat(2_000)}`],
    ['an endless trailer', `${chunked}0\r\n${`X: ${'y'.repeat(900)}\r\n`.repeat(20)}`],
    ['endless headers', `${head}${'X: y\r\n'.repeat(4_000)}`],
  ])('%s', (_name, bytes) => {
    expect(() => read([bytes])).toThrow(ProtocolError);
    expect(() => read([...bytes])).toThrow(ProtocolError);
  });

  it('takes no longer for a line of many spaces', () => {
    const bytes = `${head}X: ${' '.repeat(16_000)}y\r\nContent-Length: 0\r\n\r\n`;
    for (let round = 0; round < 50; round++) {
      expect(read([bytes])).toMatchObject({ status: 200 });
    }
  });
});

describe('interim responses without end', () => {
  it('are not waited for, and cost little', () => {
    const flood = Buffer.from('HTTP/1.1 100\r\n\r\n'.repeat(4_000), 'latin1');
    const began = performance.now();
    expect(() => new ResponseReader(20_000).take(flood)).toThrow('too many interim responses');
    expect(performance.now() - began).toBeLessThan(200);
  });
});
