import { connect } from 'node:net';
import { endOfHttpMessage } from './http-frame.ts';

/**
 * Asks on one connection, the next time when the time before was answered. It shares the cores with whom it measures,
 * so it does as little as can be done: of the answers only their ends are looked for.
 * @param next gives the bytes of a request, one character a byte; null when there are no more.
 * @param answered is called for each answer.
 * @returns when the last was answered.
 * @throws Error when an answer was not 2xx, or the connection was closed.
 */
export function askAgain(
  { host, port }: { host: string; port: number },
  next: () => string | Buffer | null,
  answered: () => void = () => {},
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let rest = '';
  const send = (): void => {
    const request = next();
    if (request !== null) socket.write(request, 'latin1');
    else {
      resolve();
      socket.destroy();
    }
  };
  // Answers are read into one buffer again and again, which costs a third of what a stream does.
  const buffer = Buffer.allocUnsafeSlow(64 * 1024);
  const callback = (read: number): boolean => {
    rest += buffer.toString('latin1', 0, read);
    const end = endOfHttpMessage(rest);
    if (end === 0) return true;
    if (rest[9] === '2' && end === rest.length) {
      rest = '';
      answered();
      send();
    } else socket.destroy(new Error(`a request was answered: ${rest}`));
    return true;
  };
  const socket = connect({ host, port, noDelay: true, onread: { buffer, callback } }, send);
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('a connection of the load was closed')));
  return promise;
}
