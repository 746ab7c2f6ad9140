import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlaces } from '../../../test/support/places.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { Places } from '../../core/ports/places.ts';
import { InFlight } from './in-flight.ts';

let inFlight: InFlight;
/** Places that are taken in this test; those of the test before are still given back. */
let places: { taken: number };
let server: Server;
let entered: { request: IncomingMessage; response: ServerResponse }[];
let refused: number;
let sockets: Socket[];

beforeEach(async () => {
  places = { taken: 0 };
  inFlight = new InFlight(counting(createPlaces(), places), 'test');
  entered = [];
  refused = 0;
  sockets = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    request.on('error', () => {});
    if (await inFlight.enter('key', 2, { request, response })) {
      entered.push({ request, response });
    } else {
      refused++;
      response.statusCode = 429;
      response.end();
    }
  };
  server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** Counts the places that are taken. */
function counting(real: Places, count: { taken: number }): Places {
  return {
    enter: async (key, limit) => {
      const leave = await real.enter(key, limit);
      if (!leave) return undefined;
      count.taken += 1;
      let left = false;
      return () => {
        if (!left) count.taken -= 1;
        left = true;
        leave();
      };
    },
  };
}

function open(): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  sockets.push(socket);
  return socket;
}
const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const halfPost = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf';

async function ask(text: string, socket = open()): Promise<Socket> {
  const before = entered.length + refused;
  socket.write(text);
  await waitUntil('the request has come', () => entered.length + refused > before);
  return socket;
}
const free = (): Promise<void> => waitUntil('all places are free', () => places.taken === 0);

describe('InFlight', () => {
  it('lets so many in and no more', async () => {
    await ask(get);
    await ask(get);
    await ask(get);
    expect({ entered: entered.length, refused }).toEqual({ entered: 2, refused: 1 });
  });

  it.each([1, 2, 3])('frees a place with the answer, again and again (%i)', async () => {
    const socket = await ask(get);
    for (let round = 0; round < 20; round++) {
      entered.at(-1)?.response.end('done');
      await free();
      await ask(get, socket);
    }
    expect(refused).toBe(0);
  });

  it('frees the place of a client that goes away in the middle of its body', async () => {
    const socket = await ask(halfPost);
    expect(places.taken).toBe(1);
    socket.resetAndDestroy();
    await free();
  });

  it('frees the place of a client that hangs up politely in the middle of its body', async () => {
    const socket = await ask(halfPost);
    socket.end();
    await free();
  });

  it('frees the place of a client that goes away while its answer is made', async () => {
    const socket = await ask(get);
    socket.destroy();
    await free();
    // The answer comes too late, and changes nothing.
    entered[0]?.response.end('done');
    await ask(get);
    expect(places.taken).toBe(1);
  });

  it('frees the place of a client that goes away in the middle of its answer', async () => {
    const socket = await ask(get);
    entered[0]?.response.write('x'.repeat(1000));
    socket.destroy();
    await free();
  });

  it('frees the places of pipelined requests whose client goes away', async () => {
    const socket = await ask(get + get);
    await waitUntil('both have come', () => entered.length === 2);
    // The second answer is ready and waits for its turn, which never comes.
    entered[1]?.response.end('done');
    socket.destroy();
    await free();
  });

  it('frees a place when the connection is cut from our side', async () => {
    await ask(get);
    entered[0]?.request.socket.destroy();
    await free();
  });

  it('frees a place when the request takes too long', async () => {
    server.close();
    server = createServer(
      { requestTimeout: 50, connectionsCheckingInterval: 10 },
      (request, response) => {
        request.on('error', () => {});
        void inFlight
          .enter('key', 2, { request, response })
          .then((inside) => inside && entered.push({ request, response }));
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await ask(halfPost);
    await free();
  });

  it('takes no place for a client that went away before', async () => {
    const socket = await ask(get);
    const { request, response } = entered[0] as (typeof entered)[number];
    socket.destroy();
    await waitUntil('it is gone', () => request.socket.destroyed);
    await free();
    expect(await inFlight.enter('key', 2, { request, response })).toBe(true);
    expect(places.taken).toBe(0);
  });

  it('leaves no listener on a connection that lives on', async () => {
    const socket = await ask(get);
    const { request } = entered[0] as (typeof entered)[number];
    const before = request.socket.listenerCount('close');
    for (let round = 0; round < 30; round++) {
      entered.at(-1)?.response.end('done');
      await free();
      await ask(get, socket);
    }
    expect(request.socket.listenerCount('close')).toBe(before);
  });
});
