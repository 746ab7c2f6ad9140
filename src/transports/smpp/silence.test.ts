import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { SendOutcome } from '../../core/ports/transport.ts';
import { decodePdu } from '../../smpp/codec/decode.ts';
import { encodePdu } from '../../smpp/codec/encode.ts';
import { FrameReader } from '../../smpp/codec/frames.ts';
import { outgoingPart } from '../testkit/outgoing-part.ts';
import { Rig } from '../testkit/rig.ts';
import { smpp } from './index.ts';

/** A carrier that binds whoever comes and answers every enquiry; what it does with parts the test says. */
class Carrier {
  readonly clock = new FakeClock();
  readonly sockets: Socket[] = [];
  readonly submits: { socket: Socket; sequence: number }[] = [];
  onSubmit: (socket: Socket, sequence: number) => void = () => {};
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async open(): Promise<Carrier> {
    const carrier = new Carrier();
    await new Promise<void>((resolve) => carrier.#server.listen(0, '127.0.0.1', resolve));
    return carrier;
  }

  get settings(): Record<string, unknown> {
    const { port } = this.#server.address() as { port: number };
    return { host: '127.0.0.1', port, systemId: 'me' };
  }

  answer(socket: Socket, sequence: number, status = 0): void {
    const messageId = status === 0 ? `${this.submits.length}-${sequence}` : '';
    const tlvs: [] = [];
    socket.write(encodePdu({ command: 'submit_sm_resp', sequence, status, messageId, tlvs }));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.sockets.push(socket);
    socket.on('error', () => {});
    const frames = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      frames.push(chunk);
      for (let frame = frames.next(); Buffer.isBuffer(frame); frame = frames.next()) {
        const { command, sequence } = decodePdu(frame);
        if (command === 'bind_transceiver') {
          const bound = { command: 'bind_transceiver_resp', systemId: 'smsc', tlvs: [] } as const;
          socket.write(encodePdu({ ...bound, sequence, status: 0 }));
        } else if (command === 'enquire_link' || command === 'unbind') {
          socket.write(encodePdu({ command: `${command}_resp`, sequence, status: 0 }));
        } else if (command === 'submit_sm') {
          this.submits.push({ socket, sequence });
          this.onSubmit(socket, sequence);
        }
      }
    });
  }
}

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function bound(settings: Record<string, unknown>) {
  const carrier = await Carrier.open();
  const rig = new Rig(smpp, carrier, settings);
  rigs.push(rig);
  await rig.start();
  const { clock } = rig;
  /** Hands over as many as the window lets leave, as a lane does. */
  const fill = async (parts = rig.link.window): Promise<Promise<SendOutcome>[]> => {
    const before = carrier.submits.length;
    const sends = Array.from({ length: parts }, () => rig.link.send(outgoingPart()));
    await waitUntil('they have come', () => carrier.submits.length === before + parts);
    return sends;
  };
  /** Time passes, with a moment of real time for what comes by the line after each second. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const isBack = (connections: number) =>
    rig.ends(
      waitUntil('it is bound again', () => carrier.sockets.length === connections && isUp()),
      'the next bind',
    );
  const isUp = () => rig.link.state() === 'up';
  return { carrier, rig, link: rig.link, fill, pass, isBack };
}

describe('a carrier that answers every bind and no part', () => {
  it('costs a window, then the link is down; bound again it gets one part at a time', async () => {
    const { carrier, link, fill, pass, isBack, rig } = await bound({
      window: 4,
      responseTimeoutSeconds: 5,
    });
    const sends = await fill();
    await pass(7);
    for (const send of sends) expect(await send).toMatchObject({ kind: 'unknown' });
    expect(link.state()).toBe('down');
    expect(await link.send(outgoingPart())).toMatchObject({ kind: 'retryable' });
    expect(carrier.submits).toHaveLength(4);

    await isBack(2);
    expect(link.window).toBe(1);
    const [trial] = await fill();
    expect(link.state()).toBe('down');
    await rig.ends(trial as Promise<SendOutcome>, 'the trial');
    expect(await trial).toMatchObject({ kind: 'unknown' });
    expect(link.state()).toBe('down');

    await isBack(3);
    carrier.onSubmit = (socket, sequence) => carrier.answer(socket, sequence);
    for (const window of [2, 3, 4, 4]) {
      const [sent] = await fill(1);
      expect(await sent).toMatchObject({ kind: 'accepted' });
      expect({ state: link.state(), window: link.window }).toEqual({ state: 'up', window });
    }
    expect(carrier.submits).toHaveLength(9);
  });

  it('is taken back when an answer comes late, and none of them is lost', async () => {
    const { carrier, link, fill, pass, rig } = await bound({
      window: 4,
      responseTimeoutSeconds: 5,
    });
    const sends = await fill();
    await pass(7);
    for (const send of sends) expect(await send).toMatchObject({ kind: 'unknown' });
    expect(link.state()).toBe('down');
    for (const { socket, sequence } of carrier.submits) carrier.answer(socket, sequence);
    await waitUntil('they are told', () => rig.host.lateAnswers.length === 4);
    expect({ state: link.state(), window: link.window }).toEqual({ state: 'up', window: 4 });
    await pass(20);
    expect(carrier.sockets).toHaveLength(1);
  });
});

it.each([
  { status: 0x0b, outcome: { kind: 'refused', detail: 'the carrier answered ESME_RINVDSTADR' } },
  { status: 0x58, outcome: { kind: 'retryable', code: 'link_throttled' } },
  { status: 0x45, outcome: { kind: 'retryable', again: 'elsewhere' } },
])('a refusal that comes late is told, too: $status', async ({ status, outcome }) => {
  const { carrier, fill, pass, rig } = await bound({ responseTimeoutSeconds: 2 });
  const [sent] = await fill(1);
  await pass(4);
  expect(await sent).toMatchObject({ kind: 'unknown' });
  for (const { socket, sequence } of carrier.submits) carrier.answer(socket, sequence, status);
  await waitUntil('it is told', () => rig.host.lateAnswers.length === 1);
  expect(rig.host.lateAnswers).toMatchObject([{ number: 1, attempt: 1, outcome }]);
});

describe('a carrier that breaks the line at what it is handed', () => {
  it('costs a window at first and one part with each further bind, less and less often', async () => {
    const { carrier, link, rig } = await bound({ window: 4 });
    carrier.onSubmit = (socket) => socket.destroy();
    const lost: SendOutcome[] = [];
    let handed = 0;
    const begun = rig.clock.now();
    while (rig.clock.now() - begun < 60_000) {
      if (link.state() === 'up') {
        const sends = Array.from({ length: link.window }, () => link.send(outgoingPart()));
        handed += sends.length;
        for (const send of sends) lost.push(await rig.ends(send, 'send()'));
      }
      await rig.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(lost.filter(({ kind }) => kind === 'unknown')).toHaveLength(handed);
    expect(handed - 4).toBe(carrier.sockets.length - 1);
    expect(handed).toBeLessThan(4 + 8);
  });

  it('also one that was bound for long enough to look stable', async () => {
    const { carrier, link, rig, fill } = await bound({ window: 4, responseTimeoutSeconds: 30 });
    carrier.onSubmit = (socket) => void rig.clock.after(6_000, () => socket.destroy());
    let handed = 0;
    const begun = rig.clock.now();
    while (rig.clock.now() - begun < 60_000) {
      if (link.state() === 'up') {
        const sends = await fill();
        handed += sends.length;
        for (const send of sends) await rig.ends(send, 'send()');
      }
      await rig.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(handed).toBeLessThan(4 + 8);
  });
});

it.each([
  { name: 'a slow carrier', window: 4 },
  { name: 'a slow carrier with a window of one', window: 1 },
])('$name is up all the time', async ({ window }) => {
  const { carrier, link, fill, pass, rig } = await bound({ window, responseTimeoutSeconds: 60 });
  carrier.onSubmit = (socket, sequence) =>
    void rig.clock.after(20_000, () => carrier.answer(socket, sequence));
  for (let round = 0; round < 3; round++) {
    const sends = await fill();
    for (let second = 0; second < 19; second++) {
      await pass(1);
      expect(link.state()).toBe('up');
    }
    for (const send of sends) {
      expect(await rig.ends(send, 'send()')).toMatchObject({ kind: 'accepted' });
    }
  }
  expect(carrier.sockets).toHaveLength(1);
});
