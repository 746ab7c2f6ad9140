import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../test/support/seeded-random.ts';
import type { SmppClient } from '../../test/support/smpp-client.ts';
import type { SmppWorld } from '../../test/support/smpp-world.ts';
import { createSmppWorld } from '../../test/support/smpp-world.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { encodePdu } from '../smpp/codec/encode.ts';
import type { Pdu } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';

/** What strangers and broken clients do; beside each a good client must be served as if nothing were. */
let smpp: SmppWorld;
let good: SmppClient;
const open: Socket[] = [];
const seed = Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_121);

beforeEach(async () => {
  smpp = await createSmppWorld();
  good = await smpp.client(await smpp.account({ credits: 10_000 }));
});
afterEach(async () => {
  await good.submit();
  for (const socket of open.splice(0)) socket.destroy();
  await smpp.close();
});

async function stranger(): Promise<Socket & { ended: boolean }> {
  const socket = connect(Number(new URL(smpp.url).port), '127.0.0.1');
  open.push(socket);
  const known = Object.assign(socket, { ended: false });
  socket.on('error', () => {});
  socket.on('close', () => {
    known.ended = true;
  });
  socket.resume();
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
  });
  return known;
}
const bound = async (): Promise<SmppClient> => smpp.client(await smpp.account());
const header = (length: number, id: number, sequence = 1): Buffer => {
  const octets = Buffer.alloc(16);
  octets.writeUInt32BE(length, 0);
  octets.writeUInt32BE(id, 4);
  octets.writeUInt32BE(sequence, 12);
  return octets;
};

describe('a stranger', () => {
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a length of nothing', header(3, 9)],
    ['a length of gigabytes', header(0xffff_fff0, 9)],
    ['a TLS handshake', Buffer.from('16030100c8010000c40303', 'hex')],
  ])('who says %s is ended', async (_, octets) => {
    const socket = await stranger();
    socket.write(octets);
    await smpp.world.clock.settle();
    await smpp.world.clock.advance(2_000);
    await smpp.world.clock.advance(8_000);
    await waitUntil('it is ended', () => socket.ended);
  });

  it('who sends much and never binds is ended before it costs memory', async () => {
    const socket = await stranger();
    socket.write(Buffer.concat([header(100_000, 9), Buffer.alloc(50_000, 1)]));
    await waitUntil('it is ended', () => socket.ended);
  });

  it('who sends octet by octet is ended after five seconds', async () => {
    const socket = await stranger();
    const octets = header(100, 9);
    for (const octet of octets) socket.write(Buffer.from([octet]));
    await smpp.world.clock.advance(6_000);
    await smpp.world.clock.advance(2_000);
    await waitUntil('it is ended', () => socket.ended);
  });

  it('who says anything at all ends nothing but his own connection', async () => {
    const random = seededRandom(seed);
    for (let at = 0; at < 200; at++) {
      const socket = await stranger();
      const octets = Buffer.from(Array.from({ length: 1 + random(200) }, () => random(256)));
      // Half of them begin like a PDU.
      if (at % 2 === 0 && octets.length >= 16)
        header(octets.length, [9, 4, 2, 5][at % 4] ?? 1).copy(octets);
      socket.write(octets);
      if (at % 3 === 0) socket.destroy();
    }
    await good.submit();
  });
});

describe('a client', () => {
  it('that sends what cannot be read is told so, and goes on', async () => {
    const client = await bound();
    client.write(header(16, 0x1234_5678, 7));
    client.write(header(20, 4, 8));
    client.write(Buffer.alloc(4));
    client.write(Buffer.concat([header(200_000, 4, 9), Buffer.alloc(199_984)]));
    await client.submit();
    expect(
      client.heard.map(({ command, sequence, status }) => [command, sequence, status]),
    ).toEqual([
      ['generic_nack', 7, statuses.ESME_RINVCMDID],
      ['generic_nack', 8, statuses.ESME_RINVCMDLEN],
      ['generic_nack', 9, statuses.ESME_RINVCMDLEN],
    ]);
  });

  it('that ends in the middle of a PDU leaves nothing behind', async () => {
    const client = await bound();
    client.write(Buffer.concat([header(200, 4), Buffer.alloc(50)]));
    client.destroy();
    await waitUntil('it is forgotten', () => smpp.server.bound === 1);
  });

  it('that asks without listening is not read any further', async () => {
    const client = await bound();
    client.socket.pause();
    const enquiry = encodePdu({ command: 'enquire_link', sequence: 1, status: 0 });
    const flood = Buffer.concat(Array.from({ length: 4_096 }, () => enquiry));
    let flushed = 0;
    for (let at = 0; at < 400; at++) {
      client.socket.write(flood, () => {
        flushed += flood.length;
      });
    }
    await good.submit();
    await waitUntil('it comes to a stop', async () => {
      const before = flushed;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
      return flushed === before;
    });
    // Of 26 MB most are still on their side.
    expect(flushed).toBeLessThan(20_000_000);
  });

  it('that floods is held back at its window, and each is answered', async () => {
    await smpp.close();
    smpp = await createSmppWorld({ smpp: { window: 16 } });
    good = await smpp.client(await smpp.account());
    const client = await smpp.client(await smpp.account({ credits: 10_000 }));
    const { storage } = smpp.world;
    const { write } = storage;
    let most = 0;
    let open = 0;
    storage.write = async (work) => {
      open += 1;
      most = Math.max(most, open);
      try {
        return await write(work);
      } finally {
        open -= 1;
      }
    };
    const answers = await Promise.all(
      Array.from({ length: 2_000 }, (_, at) =>
        client.ask('submit_sm', { destinationAddr: String(61412000000 + at) }),
      ),
    );
    storage.write = write;
    expect(answers.filter(({ status }) => status === 0)).toHaveLength(2_000);
    expect(most).toBeLessThan(20);
  });

  it('that answers what nobody asked is let be', async () => {
    const client = await bound();
    for (let sequence = 1; sequence <= 50; sequence++) {
      const answer: Pdu = {
        command: 'deliver_sm_resp',
        sequence,
        status: 0,
        messageId: '',
        tlvs: [],
      };
      client.write(encodePdu(answer));
    }
    await client.submit();
    await smpp.world.clock.advance(1_000);
    const lines = smpp.world.log.lines.filter((line) => line.includes('said something odd'));
    expect(lines).toHaveLength(2);
  });
});

describe('a thousand connections', () => {
  it('that do nothing cost little, and end after five seconds', async () => {
    const before = process.memoryUsage();
    const sockets: Awaited<ReturnType<typeof stranger>>[] = [];
    for (let at = 0; at < 1_000; at += 50) {
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => stranger()))));
    }
    const after = process.memoryUsage();
    // Theirs and ours: both ends of each are in this process.
    expect(after.rss - before.rss).toBeLessThan(150 * 1024 * 1024);
    const begun = performance.now();
    await good.submit();
    expect(performance.now() - begun).toBeLessThan(1_000);
    await smpp.world.clock.advance(6_000);
    await smpp.world.clock.advance(2_000);
    await waitUntil('all are ended', () => sockets.every(({ ended }) => ended));
  });

  it('that are bound and idle are served beside each other', async () => {
    const account = await smpp.account({ credential: { maxBinds: 1_000 } });
    const clients: SmppClient[] = [];
    for (let at = 0; at < 1_000; at += 50) {
      const some = Array.from({ length: 50 }, () => smpp.client(account));
      clients.push(...(await Promise.all(some)));
    }
    expect(smpp.server.bound).toBe(1_001);
    const begun = performance.now();
    for (let at = 0; at < 5; at++) await smpp.world.clock.advance(1_000);
    const spent = performance.now() - begun;
    // Five seconds of looks at all of them, as fast as a fake clock goes.
    expect(spent).toBeLessThan(5_000);
    const answers = await Promise.all(clients.map((client) => client.ask('submit_sm')));
    expect(answers.filter(({ status }) => status === 0)).toHaveLength(1_000);
  });
});
