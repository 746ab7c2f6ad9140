import { connect } from 'node:net';
import { filler } from '../numbering.ts';
import type { LoadConnection, Round } from '../protocol.ts';
import { endOfHttpMessage } from '../../http-frame.ts';

/**
 * Sends the messages of a round, one request in flight on each connection.
 * @returns when all were answered, by `performance.now()`.
 * @throws Error when an answer was not 2xx, or a connection was closed.
 */
export async function sendRound({ connections, first, count }: Round): Promise<number> {
  let next = first;
  const end = first + count;
  await Promise.all(connections.map((one) => sendOn(one, () => (next < end ? next++ : null))));
  return performance.now();
}

/** @param next gives the place of the next message, null when there is none. */
function sendOn({ port, request }: LoadConnection, next: () => number | null): Promise<void> {
  const requestOf = filler(request);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let rest = '';
  const send = (): void => {
    const place = next();
    if (place !== null) socket.write(requestOf(place), 'latin1');
    else {
      resolve();
      socket.destroy();
    }
  };
  // Answers are read into one buffer again and again, which costs a third of what a stream does.
  const buffer = Buffer.allocUnsafeSlow(16_384);
  const callback = (read: number): boolean => {
    rest += buffer.toString('latin1', 0, read);
    const end = endOfHttpMessage(rest);
    if (end === 0) return true;
    if (rest[9] === '2' && end === rest.length) {
      rest = '';
      send();
    } else socket.destroy(new Error(`a request was answered: ${rest}`));
    return true;
  };
  const socket = connect(
    { port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } },
    send,
  );
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('a connection of the load was closed')));
  return promise;
}
