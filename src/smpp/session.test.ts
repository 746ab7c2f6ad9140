import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { waitUntil as until } from '../../test/support/wait-until.ts';
import { decodePdu } from './codec/decode.ts';
import { encodePdu } from './codec/encode.ts';
import { FrameReader } from './codec/frames.ts';
import type { Pdu, RequestPdu } from './codec/pdu.ts';
import type { Answer } from './pending.ts';
import type { Reply, SessionSettings } from './session.ts';
import { Session } from './session.ts';

const waitUntil = (condition: () => boolean) => until(String(condition), condition, 5_000);
const open: { server: Server; peer: Peer; session: Session }[] = [];
afterEach(() => {
  for (const { server, peer, session } of open.splice(0)) {
    session.destroy('the test is over');
    peer.socket.destroy();
    server.close();
  }
});

/** The other side, which says what a test wants byte by byte. */
class Peer {
  readonly socket: Socket;
  readonly heard: Pdu[] = [];
  #reader = new FrameReader();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
        if (!Buffer.isBuffer(frame)) throw new Error(frame.reason);
        this.heard.push(decodePdu(frame) as Pdu);
      }
    });
  }

  say(pdu: Pdu): void {
    this.socket.write(encodePdu(pdu));
  }

  hears(count: number): Promise<void> {
    return waitUntil(() => this.heard.length >= count);
  }

  /** Commands that it heard, with their sequence numbers and statuses. */
  lines(): string[] {
    return this.heard.map(({ command, sequence, status }) => `${command} ${sequence} ${status}`);
  }
}

interface Asked {
  pdu: RequestPdu;
  answer: (response: Reply) => void;
}

/** @param onRequest what becomes of the peer's requests, beside that they are written down. */
async function meet(
  wish: Partial<SessionSettings> = {},
  onRequest: (request: Asked) => void = () => {},
) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const odd: string[] = [];
  const closed: string[] = [];
  const settings = { responseTimeoutMs: 10_000, enquireLinkMs: 30_000, mostOpenRequests: 100 };
  const session = new Session(
    socket,
    clock,
    { ...settings, ...wish },
    {
      onRequest: (pdu, answer) => {
        asked.push({ pdu, answer });
        onRequest({ pdu, answer });
      },
      onClosed: (reason) => void closed.push(reason),
      onOddity: (what) => void odd.push(what),
    },
  );
  const peer = new Peer(accepted as Socket);
  open.push({ server, peer, session });
  return { session, socket, clock, peer, asked, odd, closed };
}

const query = {
  command: 'query_sm',
  messageId: '7',
  sourceAddrTon: 0,
  sourceAddrNpi: 0,
  sourceAddr: '',
} as const;
const found = (sequence: number, status = 0): Pdu => ({
  command: 'query_sm_resp',
  sequence,
  status,
  messageId: '7',
  finalDate: '',
  messageState: 2,
  errorCode: 0,
});
const delivery = (sequence: number): Pdu => ({
  command: 'deliver_sm',
  sequence,
  status: 0,
  serviceType: '',
  sourceAddrTon: 1,
  sourceAddrNpi: 1,
  sourceAddr: '61412345678',
  destAddrTon: 1,
  destAddrNpi: 1,
  destinationAddr: '61400000000',
  esmClass: 0,
  protocolId: 0,
  priorityFlag: 0,
  scheduleDeliveryTime: '',
  validityPeriod: '',
  registeredDelivery: 0,
  replaceIfPresentFlag: 0,
  dataCoding: 0,
  smDefaultMsgId: 0,
  shortMessage: Buffer.from('Hello'),
  tlvs: [],
});
const taken: Reply = { command: 'deliver_sm_resp', status: 0, messageId: '', tlvs: [] };

describe('a request', () => {
  it('is answered whatever the order of the answers', async () => {
    const { session, peer } = await meet();
    const answers = [session.ask({ ...query }), session.ask({ ...query })];
    await peer.hears(2);
    expect(peer.lines()).toEqual(['query_sm 1 0', 'query_sm 2 0']);
    expect(session.unanswered).toBe(2);
    peer.say(found(2, 8));
    peer.say(found(1));
    expect(await Promise.all(answers)).toMatchObject([
      { kind: 'answered', pdu: { sequence: 1, status: 0 } },
      { kind: 'answered', pdu: { sequence: 2, status: 8 } },
    ]);
  });

  it('is answered by a generic_nack of its number', async () => {
    const { session, peer } = await meet();
    const answer = session.ask({ ...query });
    await peer.hears(1);
    peer.say({ command: 'generic_nack', sequence: 1, status: 3 });
    expect(await answer).toMatchObject({ kind: 'answered', pdu: { status: 3 } });
  });

  it('is not answered by another number, nor by the answer to something else', async () => {
    const { session, peer, odd, clock } = await meet();
    const answer = session.ask({ ...query });
    await peer.hears(1);
    peer.say(found(2));
    peer.say({ command: 'submit_sm_resp', sequence: 1, status: 0, messageId: '9', tlvs: [] });
    await waitUntil(() => odd.length === 2);
    expect(odd[1]).toBe('submit_sm_resp 1 answers nothing that was asked');
    await clock.advance(12_000);
    expect(await answer).toEqual({ kind: 'silent' });
  });

  it('that was given up is still told of its late answer, once', async () => {
    const { session, peer, clock, odd } = await meet();
    const told: (Answer | Pdu)[] = [];
    session.request(
      { ...query },
      (answer) => told.push(answer),
      (pdu) => told.push(pdu),
    );
    await peer.hears(1);
    await clock.advance(12_000);
    expect(told).toEqual([{ kind: 'silent' }]);
    peer.say(found(1));
    peer.say(found(1));
    await waitUntil(() => odd.length === 1);
    expect(told).toHaveLength(2);
    expect(told[1]).toMatchObject({ command: 'query_sm_resp' });
  });

  it('is told when the line breaks', async () => {
    const { session, peer, closed } = await meet();
    const answer = session.ask({ ...query });
    await peer.hears(1);
    peer.socket.destroy();
    expect(await answer).toEqual({ kind: 'closed' });
    expect(closed).toHaveLength(1);
    expect(await session.ask({ ...query })).toEqual({ kind: 'unsent' });
  });

  it('that does not fit is the caller’s fault, and leaves nothing behind', async () => {
    const { session, peer } = await meet();
    const wrong = { ...query, sourceAddr: 'x'.repeat(300) };
    expect(() => session.request(wrong, () => {})).toThrow(RangeError);
    expect(session.unanswered).toBe(0);
    void session.ask({ ...query });
    await peer.hears(1);
  });
});

describe('the peer’s requests', () => {
  it('are answered with their numbers, in any order, once', async () => {
    const { peer, asked } = await meet();
    peer.say(delivery(7));
    peer.say(delivery(8));
    await waitUntil(() => asked.length === 2);
    asked[1]?.answer({ ...taken });
    asked[0]?.answer({ ...taken, status: 0x64 });
    asked[0]?.answer({ ...taken });
    await peer.hears(2);
    expect(peer.lines()).toEqual(['deliver_sm_resp 8 0', 'deliver_sm_resp 7 100']);
  });

  it('stop being read when too many wait, and go on when we have answered', async () => {
    const { peer, asked, session, clock, closed } = await meet({ mostOpenRequests: 10 });
    const silent = session.ask({ ...query });
    await peer.hears(1);
    for (let at = 1; at <= 1_000; at++) peer.say(delivery(at));
    peer.say(found(1));
    await waitUntil(() => asked.length === 10);
    // The delay is ours: nobody is taken for silent meanwhile.
    await clock.advance(300_000);
    expect(asked).toHaveLength(10);
    expect(session.openRequests).toBe(10);
    expect(closed).toEqual([]);
    while (peer.lines().filter((line) => line.startsWith('deliver')).length < 1_000) {
      const before = asked.length;
      for (const { answer } of asked) answer({ ...taken });
      await waitUntil(() => asked.length > before || peer.heard.length >= 1_001);
    }
    expect(await silent).toMatchObject({ kind: 'answered' });
    expect(asked).toHaveLength(1_000);
  });

  it('are taken a window at a time, though each is answered at once: others have their turns', async () => {
    const mostOpenRequests = 10;
    const { peer, asked } = await meet({ mostOpenRequests }, ({ answer }) => {
      // As a read of SQLite is answered: later, and yet in the same turn of the loop.
      void Promise.resolve().then(() => answer({ ...taken }));
    });
    peer.socket.write(
      Buffer.concat(Array.from({ length: 1_000 }, (_, at) => encodePdu(delivery(at + 1)))),
    );
    let before = 0;
    let most = 0;
    while (peer.heard.length < 1_000) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      most = Math.max(most, asked.length - before);
      before = asked.length;
    }
    expect(most).toBeLessThanOrEqual(2 * mostOpenRequests);
  });

  it('of one who never listens fill no memory', async () => {
    const { peer, socket, asked } = await meet({ mostOpenRequests: 1_000 });
    peer.socket.pause();
    const flood = Buffer.concat(
      Array.from({ length: 20_000 }, (_, at) =>
        encodePdu({ command: 'enquire_link', sequence: at + 1, status: 0 }),
      ),
    );
    let over = false;
    for (let at = 0; at < 40 && !over; at++) {
      over = await new Promise<boolean>((resolve) => {
        const stuck = setTimeout(() => resolve(true), 1_000);
        peer.socket.write(flood, () => {
          clearTimeout(stuck);
          resolve(false);
        });
      });
    }
    expect(over).toBe(true);
    expect(socket.writableLength).toBeLessThan(3 << 20);
    expect(asked).toEqual([]);
  });
});

describe('a peer that stops listening', () => {
  it.each([
    ['beyond what may wait to leave', 0],
    ['between that and where it would be read again', 1],
  ])('is ended: %s', async (_, heard) => {
    const unheard: (() => void)[] = [];
    const socket = Object.assign(
      new Duplex({
        read() {},
        write(_chunk, _encoding, done) {
          unheard.push(done);
        },
      }),
      { setNoDelay() {} },
    );
    const clock = new FakeClock();
    const closed: string[] = [];
    const settings = { responseTimeoutMs: 10_000, enquireLinkMs: 30_000, mostOpenRequests: 100 };
    const session = new Session(socket as unknown as Socket, clock, settings, {
      onRequest: () => {},
      onClosed: (reason) => void closed.push(reason),
      onOddity: () => {},
    });
    const answer = session.ask({ ...query });
    const enquiry = encodePdu({ command: 'enquire_link', sequence: 1, status: 0 });
    for (const [nth, count] of [25_000, 50_000].entries()) {
      socket.push(Buffer.concat(Array.from({ length: count }, () => enquiry)));
      await waitUntil(() => socket.writableLength > nth * 800_000 + 390_000);
    }
    for (const done of unheard.splice(0, heard)) done();
    await waitUntil(() => socket.writableLength > 600_000);
    expect(socket.writableLength > 1 << 20).toBe(heard === 0);
    for (let at = 0; at < 4; at++) await clock.advance(31_000);
    expect(closed).toEqual(['the peer does not answer']);
    expect(await answer).toEqual({ kind: 'silent' });
  });
});

describe('bytes that cannot be read', () => {
  const broken = (hex: string) => Buffer.from(hex, 'hex');

  it.each([
    ['an unknown command', '00000010000000ff0000000000000005', 'generic_nack 5 3'],
    ['a truncated submit_sm', '0000001200000004000000000000000600ff', 'generic_nack 6 2'],
  ])('are answered and do no harm: %s', async (_, hex, nack) => {
    const { session, peer, odd } = await meet();
    peer.socket.write(broken(hex));
    await peer.hears(1);
    expect(peer.lines()).toEqual([nack]);
    expect(odd).toHaveLength(1);
    const answer = session.ask({ ...query });
    await peer.hears(2);
    peer.say(found(1));
    expect(await answer).toMatchObject({ kind: 'answered' });
  });

  it('of a PDU that is too long are passed over', async () => {
    const { session, peer } = await meet();
    const long = Buffer.alloc(300_000);
    long.writeUInt32BE(long.length, 0);
    long.writeUInt32BE(5, 4);
    long.writeUInt32BE(9, 12);
    peer.socket.write(long);
    await peer.hears(1);
    expect(peer.lines()).toEqual(['generic_nack 9 2']);
    const answer = session.ask({ ...query });
    await peer.hears(2);
    peer.say(found(1));
    expect(await answer).toMatchObject({ kind: 'answered' });
  });

  it.each([
    ['a length that cannot be', '0000000300000004'],
    ['text', '474554202f20485454502f312e310d0a'],
  ])('end the session when they are %s', async (_, hex) => {
    const { peer, closed } = await meet();
    peer.socket.write(broken(hex));
    await waitUntil(() => closed.length === 1);
    expect(closed[0]).toMatch(/^the stream cannot be read/);
    await waitUntil(() => peer.socket.readableEnded);
    expect(peer.heard.at(-1)).toMatchObject({ command: 'generic_nack' });
  });
});

describe('silence', () => {
  it('is asked about, and ends the session when nobody answers', async () => {
    const { peer, clock, closed } = await meet();
    await clock.advance(31_000);
    await peer.hears(1);
    expect(peer.lines()).toEqual(['enquire_link 1 0']);
    await clock.advance(31_000);
    await peer.hears(2);
    expect(closed).toEqual([]);
    await clock.advance(31_000);
    expect(closed).toEqual(['the peer does not answer']);
  });

  it('ends with anything that is heard', async () => {
    const { session, peer, clock, closed } = await meet();
    for (let round = 0; round < 5; round++) {
      await clock.advance(31_000);
      await peer.hears(round + 1);
      const { sequence } = peer.heard[round] as Pdu;
      peer.say({ command: 'enquire_link_resp', sequence, status: 0 });
      await waitUntil(() => session.unanswered === 0);
    }
    expect(closed).toEqual([]);
  });

  it('of ours is answered when the peer asks', async () => {
    const { peer } = await meet();
    peer.say({ command: 'enquire_link', sequence: 77, status: 0 });
    await peer.hears(1);
    expect(peer.lines()).toEqual(['enquire_link_resp 77 0']);
  });
});

describe('an unbind', () => {
  it('of the peer is answered and ends the session', async () => {
    const { peer, closed } = await meet();
    peer.say({ command: 'unbind', sequence: 3, status: 0 });
    await peer.hears(1);
    expect(peer.lines()).toEqual(['unbind_resp 3 0']);
    expect(closed).toEqual(['the peer unbound']);
  });

  it('of the peer is answered after what it asked before, and nothing is taken after it', async () => {
    const { peer, asked, closed, odd } = await meet();
    peer.say(delivery(1));
    peer.say(delivery(2));
    peer.say({ command: 'unbind', sequence: 3, status: 0 });
    peer.say(delivery(4));
    await waitUntil(() => odd.length === 1);
    expect(asked).toHaveLength(2);
    expect(closed).toEqual([]);
    asked[1]?.answer(taken);
    asked[0]?.answer(taken);
    await peer.hears(3);
    expect(peer.lines()).toEqual(['deliver_sm_resp 2 0', 'deliver_sm_resp 1 0', 'unbind_resp 3 0']);
    expect(closed).toEqual(['the peer unbound']);
  });

  it('of the peer does not wait for ever for what it asked before', async () => {
    const { peer, asked, clock, closed } = await meet();
    peer.say(delivery(1));
    peer.say({ command: 'unbind', sequence: 2, status: 0 });
    await waitUntil(() => asked.length === 1);
    await clock.advance(12_000);
    await peer.hears(1);
    expect(peer.lines()).toEqual(['unbind_resp 2 0']);
    expect(closed).toEqual(['the peer unbound']);
  });

  it('of ours waits for the answer, takes no more requests, and lets answers through', async () => {
    const { session, peer, closed } = await meet();
    const before = session.ask({ ...query });
    await peer.hears(1);
    const over = session.unbind('we go');
    expect(await session.ask({ ...query })).toEqual({ kind: 'unsent' });
    await peer.hears(2);
    peer.say(found(1));
    expect(await before).toMatchObject({ kind: 'answered' });
    peer.say({ command: 'unbind_resp', sequence: 2, status: 0 });
    await waitUntil(() => closed.length === 1);
    peer.socket.end();
    await over;
    expect(closed).toEqual(['we go']);
  });

  it('of ours ends also while too many of the peer’s requests wait', async () => {
    const { session, peer, asked, clock, closed } = await meet({ mostOpenRequests: 2 });
    for (let at = 1; at <= 5; at++) peer.say(delivery(at));
    await waitUntil(() => asked.length === 2);
    const over = session.unbind('we go');
    await clock.advance(3_000);
    await over;
    expect(closed).toEqual(['we go, unanswered']);
  });

  it('of ours ends also when nobody answers', async () => {
    const { session, clock, closed } = await meet();
    const over = session.unbind('we go');
    await clock.advance(12_000);
    await clock.advance(2_000);
    await over;
    expect(closed).toEqual(['we go, unanswered']);
  });
});
