import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { beginUpload } from './upload.ts';

const crlf = (lines: readonly string[]): string => lines.join('\r\n');
const form = crlf([
  'for people',
  '--b-1',
  'Content-Disposition: form-data; name="größe"',
  '',
  '7\r\n--b-',
  '--b-1',
  'Content-Disposition: form-data; name="file"; filename="a.csv"',
  'Content-Type: text/csv',
  '',
  'one,two\r\n--b-2\r\n',
  'é',
  '--b-1',
  'Content-Disposition: form-data; name="late"',
  '',
  'x',
  '--b-1--',
  '',
]);

/** The same bytes in pieces of so many. */
async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** In memory, in place of the disk. */
async function keep(bytes: AsyncIterable<Uint8Array>) {
  const kept = await Array.fromAsync(bytes);
  return { bytes: () => Readable.from(kept), drop: async () => {} };
}

async function read(text: string, contentType: string, size = 1_000) {
  const begun = await beginUpload(inPieces(text, size), contentType);
  const whole = await begun.whole(keep, (bytes) => bytes);
  const { fields, file } = whole;
  const chunks: Uint8Array[] = [];
  if (file) for await (const chunk of file) chunks.push(chunk);
  await whole.drop();
  return { fields: [...fields], file: file && Buffer.concat(chunks).toString('utf8') };
}

describe.each([1, 2, 3, 7, 40, 1_000])('in pieces of %i bytes', (size) => {
  it.each(['multipart/form-data; boundary=b-1', 'Multipart/Form-Data;charset=x;boundary="b-1"'])(
    'finds the file of %s',
    async (type) => {
      expect(await read(form, type, size)).toEqual({
        fields: [
          ['größe', '7\r\n--b-'],
          ['late', 'x'],
        ],
        file: 'one,two\r\n--b-2\r\n\r\né',
      });
    },
  );

  it('takes any other body as the file', async () => {
    expect(await read('a,b\n', 'text/csv', size)).toEqual({ fields: [], file: 'a,b\n' });
    expect(await read('', '', size)).toEqual({ fields: [], file: '' });
  });

  it('says that there is none', async () => {
    const none = crlf(['--x', 'Content-Disposition: form-data; name="a"', '', '1', '--x--']);
    expect(await read(none, 'multipart/form-data; boundary=x', size)).toEqual({
      fields: [['a', '1']],
      file: null,
    });
    expect(await read('--x--', 'multipart/form-data; boundary=x', size)).toEqual({
      fields: [],
      file: null,
    });
  });
});

it.each([
  ['no boundary', form, 'multipart/form-data', 'invalid_request'],
  ['another boundary', form, 'multipart/form-data; boundary=other', 'body_incomplete'],
  [
    'no end',
    form.slice(0, form.indexOf('é')),
    'multipart/form-data; boundary=b-1',
    'body_incomplete',
  ],
  ['no body', '', 'multipart/form-data; boundary=b-1', 'body_incomplete'],
  [
    'too long a head',
    `--b\r\n${'x'.repeat(20_000)}\r\n\r\n`,
    'multipart/form-data; boundary=b',
    'invalid_request',
  ],
  [
    'too long a field',
    `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'x'.repeat(70_000)}\r\n--b--`,
    'multipart/form-data; boundary=b',
    'invalid_request',
  ],
  [
    'too many fields',
    `${Array.from(
      { length: 101 },
      (_, at) => `--b\r\nContent-Disposition: form-data; name="a${at}"\r\n\r\n1\r\n`,
    ).join('')}--b--`,
    'multipart/form-data; boundary=b',
    'invalid_request',
  ],
])('refuses a form with %s', async (_what, body, type, code) => {
  await expect(read(body, type)).rejects.toMatchObject({ code });
});
