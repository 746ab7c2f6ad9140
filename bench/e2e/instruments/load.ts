import { askAgain } from '../../ask-again.ts';
import { filler } from '../numbering.ts';
import type { Round } from '../protocol.ts';

/**
 * Sends the messages of a round, one request in flight on each connection.
 * @returns when all were answered, by `performance.now()`.
 * @throws Error when an answer was not 2xx, or a connection was closed.
 */
export async function sendRound({ connections, first, count }: Round): Promise<number> {
  let next = first;
  const end = first + count;
  await Promise.all(
    connections.map(({ port, request }) => {
      const requestOf = filler(request);
      return askAgain({ host: '127.0.0.1', port }, () => (next < end ? requestOf(next++) : null));
    }),
  );
  return performance.now();
}
