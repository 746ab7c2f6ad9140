/**
 * A client's server, as small as it can be: it answers every webhook 200 and counts the messages that
 * it was told have been delivered. GET gives the tally.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the sink has heard. */
export interface Tally {
  /** Messages that were delivered, each counted once. */
  messages: number;
  /** When the last of them was told, in milliseconds since the epoch. */
  lastAt: number;
  /** Told again of the same message. */
  repeated: number;
  /** Told of any other end than delivered. */
  others: number;
}

const tally: Tally = { messages: 0, lastAt: 0, repeated: 0, others: 0 };
const told = new Set<string>();

function count(body: string): void {
  const { message_id: id, status } = JSON.parse(body) as { message_id: string; status: string };
  if (status !== 'delivered') tally.others++;
  else if (told.has(id)) tally.repeated++;
  else {
    told.add(id);
    tally.messages++;
    tally.lastAt = Date.now();
  }
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(tally));
    return;
  }
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    count(body);
    response.end();
  });
});

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('SIGTERM', () => process.exit(0));
