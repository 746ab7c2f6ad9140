import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HmacLogin, SignedRequest } from './hmac.ts';
import { bodyDigestHeader, bodyDigestOk, isTimely, parseHmac, signs } from './hmac.ts';

const login = (headers: string, signature: string, algorithm: 'sha1' | 'sha256' = 'sha1') =>
  ({ username: 'k', algorithm, headers: headers.split(' '), signature }) satisfies HmacLogin;

const request = (
  method: string,
  target: string,
  headers: Record<string, string>,
  hasBody = false,
): SignedRequest => ({
  method,
  targets: [target],
  header: (name) => headers[name.toLowerCase()],
  hasBody,
});

const date = 'Sat, 30 Jul 2016 05:13:23 GMT';
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describe('the header', () => {
  const whole = { username: 'key', algorithm: 'sha1', headers: ['Date', 'request-line'] };

  it.each([
    [
      'as documented',
      'hmac username="key", algorithm="hmac-sha1", headers="Date request-line", signature="c2ln"',
    ],
    [
      'with spaces round the signs',
      'hmac username = "key" ,algorithm= "hmac-sha1",headers  ="Date  request-line", signature ="c2ln" ',
    ],
    [
      'in another order',
      'HMAC signature="c2ln",headers="Date request-line",algorithm="HMAC-SHA1",username="key"',
    ],
    [
      'without quotes where none are needed',
      'hmac username=key, algorithm=hmac-sha1, headers="Date request-line", signature=c2ln',
    ],
    [
      'with a parameter that we do not know',
      'hmac username="key", nonce="1", algorithm="hmac-sha1", headers="Date request-line", signature="c2ln",',
    ],
  ])('%s', (_, header) => {
    expect(parseHmac(header)).toEqual({ ...whole, signature: 'c2ln' });
  });

  it('knows SHA-256', () => {
    const header = 'hmac username="k", algorithm="hmac-sha256", headers="date", signature="x="';
    expect(parseHmac(header)).toMatchObject({ algorithm: 'sha256', signature: 'x=' });
  });

  const good = 'username="k", algorithm="hmac-sha1", headers="date", signature="c2ln"';
  it.each([
    ['none', undefined],
    ['empty', ''],
    ['another scheme', `Basic ${good}`],
    ['a scheme that begins alike', `hmac2 ${good}`],
    ['the scheme alone', 'hmac '],
    ['no user', `hmac ${good.replace('username="k", ', '')}`],
    ['an empty user', `hmac ${good.replace('"k"', '""')}`],
    ['no signature', 'hmac username="k", algorithm="hmac-sha1", headers="date"'],
    ['an algorithm that nobody offers', `hmac ${good.replace('sha1', 'md5')}`],
    ['a name twice', `hmac ${good}, username="j"`],
    ['a quote that does not end', `hmac ${good.slice(0, -1)}`],
    ['something between', `hmac ${good}, !`],
    ['too many headers', `hmac ${good.replace('date', 'a '.repeat(17))}`],
    ['too long', `hmac ${good}, x="${'y'.repeat(2048)}"`],
  ])('refuses %s', (_, header) => {
    expect(parseHmac(header)).toBeUndefined();
  });
});

describe('golden signatures', () => {
  it.each([
    [
      'the test of the older Java client',
      '456',
      login('Date request-line', 'bUAvEbDgutL51S3dmtpFp5ONgy0='),
      request('POST', '/v1/messages', { date: 'Fri, 11 Jul 2014 07:16:51 GMT' }, true),
    ],
    [
      'a recorded exchange of the Node SDK',
      's',
      login('date request-line', 'GKwedKM5cVF3BkgGk1IrInDLNXU='),
      request('GET', '/v1/delivery_reports', { date: 'Sat, 21 Nov 2026 19:17:25 GMT' }),
    ],
  ])('%s', (_, secret, given, asked) => {
    expect(signs(given, asked, secret)).toBe(true);
    expect(signs(given, asked, `${secret}!`)).toBe(false);
    expect(signs(given, { ...asked, targets: ['/v1/other'] }, secret)).toBe(false);
    expect(signs({ ...given, algorithm: 'sha256' }, asked, secret)).toBe(false);
  });
});

/** One row of the table of reference §2.2: what a client signs, and the request it goes with. */
interface Row {
  client: string;
  algorithm?: 'sha256';
  headers: string;
  method: string;
  body?: string;
  /** The line as that client signs it. */
  line: string;
}

const send = '{"messages":[{"content":"hi","destination_number":"+61491570156"}]}';
const cancel = '{"status":"cancelled"}';
const one = '/v1/messages/877c19ef-fa2e-4cec-827a-e1df9b5509f7';
const sdk = 'date x-Content-MD5 request-line';

const clients: Row[] = [
  {
    client: 'the documentation',
    algorithm: 'sha256',
    headers: 'Date Content-MD5 request-line',
    method: 'POST',
    body: send,
    line: 'POST /v1/messages HTTP/1.1',
  },
  {
    client: 'the documentation, without a body',
    algorithm: 'sha256',
    headers: 'Date request-line',
    method: 'GET',
    line: 'GET /v1/replies HTTP/1.1',
  },
  {
    client: 'the documentation, PUT',
    algorithm: 'sha256',
    headers: 'Date Content-MD5 request-line',
    method: 'PUT',
    body: cancel,
    line: `PUT ${one} HTTP/1.1`,
  },
  {
    client: 'Node, Python, Ruby, Java 2',
    headers: sdk,
    method: 'POST',
    body: send,
    line: 'POST /v1/messages HTTP/1.1',
  },
  {
    client: 'Node, Python, Ruby, Java 2: PUT',
    headers: sdk,
    method: 'PUT',
    body: cancel,
    line: `POST ${one} HTTP/1.1`,
  },
  {
    client: 'Node, Python, Ruby, Java 2: GET',
    headers: 'date request-line',
    method: 'GET',
    line: `GET ${one} HTTP/1.1`,
  },
  {
    client: 'an SDK that deletes',
    headers: 'date request-line',
    method: 'DELETE',
    line: `GET ${one} HTTP/1.1`,
  },
  {
    client: 'PHP',
    headers: 'date x-content-md5 request-line',
    method: 'PUT',
    body: cancel,
    line: `POST ${one} HTTP/1.1`,
  },
  {
    client: 'C#',
    headers: sdk,
    method: 'POST',
    body: send,
    line: 'POST /v1/messages HTTP/1.1',
  },
  {
    client: 'Java 2 with a base URL that ends in a slash',
    headers: sdk,
    method: 'POST',
    body: send,
    line: 'POST v1/messages HTTP/1.1',
  },
  {
    client: 'the older Java client',
    headers: 'Date request-line',
    method: 'PUT',
    body: cancel,
    line: `PUT ${one} HTTP/1.1`,
  },
];

describe('the clients of the table', () => {
  const secret = 'geheim-é';
  const signed = ({ headers, line, body, algorithm, ...row }: Row) => {
    const digest = md5(body ?? '');
    const lines = headers.split(' ').map((name) => {
      if (name === 'request-line') return line;
      return `${name}: ${name.toLowerCase() === 'date' ? date : digest}`;
    });
    const hash = algorithm ?? 'sha1';
    const signature = createHmac(hash, secret).update(lines.join('\n')).digest('base64');
    const path = `/${line.split(' ')[1]?.replace(/^\//, '') ?? ''}`;
    const sent = { date, 'content-md5': digest, 'x-content-md5': digest };
    const asked = request(row.method, path, sent, body !== undefined);
    return { given: login(headers, signature, hash), asked };
  };

  it.each(clients)('$client: $method', (row) => {
    const { given, asked } = signed(row);
    expect(signs(given, asked, secret)).toBe(true);
    expect(signs(given, { ...asked, targets: [`${asked.targets[0]}/x`] }, secret)).toBe(false);
    expect(signs(given, { ...asked, header: () => undefined }, secret)).toBe(false);
    expect(signs(given, asked, 'another')).toBe(false);
  });

  it.each(clients)('$client: $method, mounted under a prefix', (row) => {
    const { given, asked } = signed(row);
    const target = asked.targets[0] ?? '';
    const targets = [`/messagemedia${target}`, target];
    expect(signs(given, { ...asked, targets }, secret)).toBe(true);
    expect(signs(given, { ...asked, targets: targets.slice(0, 1) }, secret)).toBe(false);
  });

  it('take the header as it was spelled', () => {
    const { given, asked } = signed(clients[3] as Row);
    const headers = ['DATE', ...given.headers.slice(1)];
    expect(signs({ ...given, headers }, asked, secret)).toBe(false);
  });
});

describe('what a signature must cover', () => {
  const sign = (headers: string, text: string): HmacLogin =>
    login(headers, createHmac('sha1', 's').update(text).digest('base64'));
  const asked = request('GET', '/v1/replies', { date, host: 'here' });
  const line = 'GET /v1/replies HTTP/1.1';

  it.each([
    ['date request-line', `date: ${date}\n${line}`, true],
    ['request-line date', `${line}\ndate: ${date}`, true],
    ['Request-Line Date', `${line}\nDate: ${date}`, true],
    ['date', `date: ${date}`, false],
    ['request-line', line, false],
    ['host', 'host: here', false],
    ['', ': ', false],
  ])('"%s"', (headers, text, good) => {
    expect(signs(sign(headers, text), asked, 's')).toBe(good);
  });

  it('refuses a signature of another length', () => {
    for (const signature of ['', 'AAAA', '!!!', 'A'.repeat(400)]) {
      expect(signs(login('date request-line', signature), asked, 's')).toBe(false);
    }
  });
});

describe('the digest of the body', () => {
  // Reference §2.2: the documented sample is of the sample body with CRLF.
  const bytes = (text: string): Uint8Array => Buffer.from(text);

  it.each([
    ['lower case', md5(send), send, true],
    ['upper case, as C# has it', md5(send).toUpperCase(), send, true],
    ['of nothing', md5(''), '', true],
    ['of another body', md5(`${send} `), send, false],
    ['text in UTF-8', md5('caf\u00e9 \u{1f600}'), 'caf\u00e9 \u{1f600}', true],
    ['text folded to ASCII', md5('caf? ??').toUpperCase(), 'caf\u00e9 \u{1f600}', true],
    ['folded otherwise', md5('caf? ?'), 'caf\u00e9 \u{1f600}', false],
    ['not a digest', 'x', send, false],
  ])('%s', (_, digest, body, good) => {
    expect(bodyDigestOk(digest, bytes(body))).toBe(good);
  });

  it.each([
    ['date x-Content-MD5 request-line', 'x-Content-MD5'],
    ['Date Content-MD5 request-line', 'Content-MD5'],
    ['Date request-line', undefined],
  ])('is in the header that is signed: %s', (headers, expected) => {
    expect(bodyDigestHeader(login(headers, ''))).toBe(expected);
  });
});

describe('the clock', () => {
  const now = Date.parse('2016-07-30T05:13:23Z');
  it.each([
    [date, true],
    ['30 Jul 2016 05:13:23 +0000', true],
    ['Sat, 30 Jul 2016 05:08:23 GMT', true],
    ['Sat, 30 Jul 2016 05:08:22 GMT', false],
    ['Sat, 30 Jul 2016 05:18:23 GMT', true],
    ['Sat, 30 Jul 2016 05:18:24 GMT', false],
    ['Sat, 30 Jul 2016 05:13:23 EST', false],
    ['Sat, 99 Jul 2016 05:13:23 GMT', false],
    ['now', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (text, good) => {
    expect(isTimely(text, now, 5 * 60_000)).toBe(good);
  });
});
