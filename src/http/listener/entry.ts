import { parentPort, workerData } from 'node:worker_threads';
import { Acceptor } from './acceptor.ts';
import { byTurns } from './by-turns.ts';
import type { FromThread, ListenerOptions, ToThread } from './messages.ts';

/* The thread's side of `listen`. */

const port = parentPort;
if (!port) throw new Error('this file is the entry of a thread');

const acceptor = new Acceptor(
  workerData as ListenerOptions,
  byTurns<FromThread>((news) => port.postMessage(news)),
);
port.on('message', (orders: readonly ToThread[]) => {
  for (const order of orders) acceptor.obey(order);
});
