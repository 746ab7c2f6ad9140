import { parentPort, workerData } from 'node:worker_threads';
import { createHttpClient } from './http-client.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { FromThread, HttpThreadOptions, ToThread } from './http-thread.ts';

/* The other side of `createHttpThread`. */

const port = parentPort;
if (!port) throw new Error('this file is the entry of a thread');
const client = createHttpClient(workerData as HttpThreadOptions);
let answers: [id: number, answer: HttpAnswer][] = [];

port.on('message', (message: ToThread) => {
  if (message === 'close') void client.close().then(end);
  else if (message === 'destroy') void client.destroy().then(end);
  else
    for (const [id, request] of message)
      void client.request(request).then((answer) => tell(id, answer));
});

/** What came in one turn goes together. */
function tell(id: number, answer: HttpAnswer): void {
  if (answers.length === 0) setImmediate(flush);
  answers.push([id, answer]);
}

function flush(): void {
  if (answers.length === 0) return;
  port?.postMessage(answers satisfies FromThread);
  answers = [];
}

/** Once the last answers were told, which is a few microtasks after the client has ended. */
function end(): void {
  setImmediate(() => {
    flush();
    port?.close();
  });
}
