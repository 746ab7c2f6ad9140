import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { encodePdu } from '../../smpp/codec/encode.ts';
import { Bind } from './bind.ts';
import { targetsOf } from './connect.ts';
import { smppSettings } from './settings.ts';

it('a bind that ends right behind its answer is none, and the next one must be answered, too', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    // The first one answers and unbinds in one breath; the second says nothing.
    if (sockets.length > 1) return;
    socket.once('data', () => {
      const answer = { command: 'bind_transceiver_resp', sequence: 1, status: 0 } as const;
      socket.write(
        Buffer.concat([
          encodePdu({ ...answer, systemId: 'smsc', tlvs: [] }),
          encodePdu({ command: 'unbind', sequence: 1, status: 0 }),
        ]),
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const clock = new FakeClock();
  const settings = smppSettings.parse({ host: '127.0.0.1', port, systemId: 'me' });
  const context = { clock, dataFolder: '/nowhere', log: () => {} };
  const given = { settings, targets: targetsOf(settings), context };
  const bind = new Bind('transceiver', 'carrier', given, () => {});
  try {
    bind.start();
    await waitUntil('the first has ended', () => sockets[0]?.readableEnded === true);
    expect(bind.isBound).toBe(false);
    await clock.advance(5_000);
    await waitUntil('it has come again', () => sockets.length === 2);
    expect(bind.isBound).toBe(false);
  } finally {
    await bind.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
