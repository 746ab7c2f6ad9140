import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw } from '../../../test/support/raw-http.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { GatewayError } from '../../core/errors.ts';
import { goodMessage } from './testkit/client.ts';

let world: World;
let account: WorldAccount;
let url: string;
let sockets: Socket[];
/** Of those, the ones that were told something. */
let answered: Set<Socket>;
beforeEach(async () => {
  world = await createWorld({ dispatch: false });
  account = await world.account();
  url = await world.listen();
  sockets = [];
  answered = new Set();
  // Logged in once, an account is remembered: from then on requests take their places in the order in
  // which they come.
  await account200();
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await world.close();
});

const body = JSON.stringify({ messages: [goodMessage] });
const post = (as: WorldAccount, text = body): string =>
  [
    'POST /mobilemessage/v1/messages HTTP/1.1',
    'Host: x',
    `Authorization: ${as.authorization}`,
    `Content-Length: ${body.length}`,
    '',
    text,
  ].join('\r\n');

/**
 * A request whose body does not come to an end yet. A header twice has the listener leave it to Node at once, and not
 * wait for its rest first: so it comes before what is sent after it.
 */
function begin(as = account): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.setEncoding('utf8');
  socket.on('data', () => answered.add(socket));
  socket.write(post(as, body.slice(0, 10)).replace('Host: x', 'Host: x\r\nX: 1\r\nX: 2'));
  sockets.push(socket);
  return socket;
}
const account200 = () =>
  sendRaw(
    url,
    `GET /mobilemessage/v1/account HTTP/1.1\r\nHost: x\r\nAuthorization: ${account.authorization}\r\n\r\n`,
  );
/** Who looks takes a place for a moment: one of the begun that was refused for that comes again. */
const full = (begun: Socket[]): Promise<void> =>
  waitUntil('five are in flight', async () => {
    for (const [at, socket] of begun.entries()) if (answered.has(socket)) begun[at] = begin();
    return (await account200()).status === 429;
  });
const free = (): Promise<void> =>
  waitUntil('there is room again', async () => (await account200()).status === 200);

async function fill(): Promise<Socket[]> {
  const five = Array.from({ length: 5 }, () => begin());
  await full(five);
  return five;
}

describe('five requests in flight', () => {
  it('refuse the sixth at once, in the documented words', async () => {
    await fill();
    for (const request of [post(account), post(account).replace(body, '')]) {
      expect(await sendRaw(url, request)).toMatchObject({
        status: 429,
        headers: { 'retry-after': '1', 'content-type': 'application/json; charset=utf-8' },
        body: '{"error":"Too many concurrent requests. Please wait."}',
      });
    }
    expect(await account.messages()).toBe(0);
  });

  it('go on, and make room as they are answered', async () => {
    const five = await fill();
    for (const socket of five) {
      const answered = new Promise<string>((resolve) => socket.once('data', resolve));
      socket.write(body.slice(10));
      expect(await answered).toContain('HTTP/1.1 200 OK');
    }
    await free();
    expect(await account.messages()).toBe(5);
  });

  it('are more where the owner says so', async () => {
    account = await world.account({ settings: { requestsInFlight: 7 } });
    await account200();
    const six = Array.from({ length: 6 }, () => begin());
    await free();
    await full([...six, begin()]);
  });

  it('are counted by account', async () => {
    await fill();
    const other = await world.account();
    expect((await sendRaw(url, post(other))).status).toBe(200);
  });

  it('make room when a client goes away in the middle of its body', async () => {
    const [first] = await fill();
    first?.resetAndDestroy();
    await free();
    await world.clock.settle();
    expect(await account.messages()).toBe(0);
  });

  it('make room when a client goes away while its answer is made', async () => {
    const submit = world.gateway.submit.bind(world.gateway);
    let stuck = 0;
    world.gateway.submit = () => {
      stuck++;
      return new Promise(() => {});
    };
    const five = await fill();
    for (const socket of five) socket.write(body.slice(10));
    await waitUntil('all are being handled', () => stuck === 5);
    expect((await account200()).status).toBe(429);
    for (const socket of five) socket.destroy();
    await free();
    world.gateway.submit = submit;
    expect((await sendRaw(url, post(account))).status).toBe(200);
  });

  it.each([
    ['an error of ours', new Error('a defect'), 500],
    ['a refusal', new GatewayError('insufficient_credit', 'no'), 403],
    ['a storage that is gone', new GatewayError('storage_unavailable', 'no'), 503],
  ])('make room after %s', async (_, error, status) => {
    world.gateway.submit = () => Promise.reject(error);
    for (let round = 0; round < 12; round++) {
      expect((await sendRaw(url, post(account))).status).toBe(status);
    }
    await free();
  });

  it('make room after requests that were refused before they were read', async () => {
    const long = post(account).replace(/Content-Length: \d+/, 'Content-Length: 99999999');
    for (let round = 0; round < 12; round++) {
      expect((await sendRaw(url, long)).status).toBe(413);
    }
    await free();
    for (let round = 0; round < 12; round++) {
      expect((await sendRaw(url, post(account, 'x'.repeat(body.length)))).status).toBe(400);
    }
    await free();
  });

  it('is a limit that strangers do not touch: without a log-in nothing is counted', async () => {
    const stranger = { ...account, authorization: 'Basic nobody' };
    for (let round = 0; round < 12; round++) begin(stranger);
    await free();
  });
});
