import type { World } from '../../../test/support/world.ts';
import { connect } from 'node:net';
import type { WireAnswer } from './suite.ts';

interface Overlong {
  path: string;
  method: string;
  authorization: string;
  /** Its length stands in the header, or it comes in chunks and just does not end. */
  how: 'declared' | 'chunked';
  size: number;
}

/**
 * Sends a body that is too long over real sockets, as two kinds of client do: one that sends on until
 * it is through and reads then, and (for a declared length) one that waits for the answer first.
 */
export async function overlongBodies(world: World, request: Overlong): Promise<WireAnswer[]> {
  const port = Number(new URL(await world.listen()).port);
  const answers = [await send(port, request, 'sends on')];
  if (request.how === 'declared') answers.push(await send(port, request, 'waits'));
  return answers;
}

function send(
  port: number,
  { path, method, authorization, how, size }: Overlong,
  client: 'sends on' | 'waits',
): Promise<WireAnswer> {
  const length = how === 'declared' ? `Content-Length: ${size}` : 'Transfer-Encoding: chunked';
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n${length}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(head);
      if (client === 'sends on') writeBody();
    });
    let received = '';
    let left = size;
    const piece = 'x'.repeat(64 * 1024);
    const writeBody = (): void => {
      while (left > 0) {
        const text = left < piece.length ? piece.slice(0, left) : piece;
        left -= text.length;
        const chunk = how === 'declared' ? text : `${text.length.toString(16)}\r\n${text}\r\n`;
        if (!socket.write(chunk)) {
          socket.once('drain', writeBody);
          return;
        }
      }
      if (how === 'chunked') socket.write('0\r\n\r\n');
    };
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 s')));
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      received += text;
      // Who waits hangs up when he has read his answer.
      if (client === 'waits' && parse(received)) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const answer = parse(received);
      if (answer) resolve(answer);
      else reject(new Error(`cut off before the answer was whole: ${received}`));
    });
  });
}

function parse(text: string): WireAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  // Who hangs up in the middle of his body is told so in a second answer, which is not looked at.
  const length = Number(headers['content-length'] ?? 0);
  const body = Buffer.from(text.slice(end + 4))
    .subarray(0, length)
    .toString();
  if (Buffer.byteLength(body) < length) return undefined;
  return { status: Number(first.split(' ')[1]), headers, body };
}
