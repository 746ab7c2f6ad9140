import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { everythingStored } from '../../test/support/everything-stored.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { seededIds } from '../../test/support/seeded-ids.ts';
import type { TestDatabase } from '../../test/support/storage.ts';
import { createTestDatabase } from '../../test/support/storage.ts';
import { Archive } from '../core/archive/archive.ts';
import type { ArchivedRecord } from '../core/archive/archive-file.ts';
import { Archiver } from '../core/archive/archiver.ts';
import { idOf } from '../core/archive/record.ts';
import type { Reply } from '../core/delivery/reply.ts';
import type { AccountId, NodeId } from '../core/ids.ts';
import type { Message } from '../core/messages/message.ts';
import type { ArchiveStore } from '../core/ports/archive-store.ts';
import type { Storage } from '../core/ports/storage.ts';
import { DAY, Fixtures, nodeA, START } from '../storage/testkit/fixtures.ts';
import { diskStore } from './disk.ts';

let database: TestDatabase;
let storage: Storage;
let folder: string;
let clock: FakeClock;
let rows: Fixtures;
let nodes = 0;
beforeEach(async () => {
  database = await createTestDatabase();
  storage = await database.open();
  folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-archive-'));
  clock = new FakeClock();
  rows = new Fixtures();
});
afterEach(async () => {
  await storage.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const HOUR = DAY / 24;
const before = (days: number) => START - days * DAY;
/** All that ended a day ago or earlier is archived. */
const cuts = { messages: START, replies: START };

function archiver(over: Partial<ConstructorParameters<typeof Archiver>[0]> = {}): Archiver {
  const node = `node ${(nodes += 1)}`;
  return new Archiver({
    storage,
    store: diskStore(folder),
    clock,
    ids: seededIds(clock, node),
    nodeId: node as NodeId,
    ...over,
  });
}

async function archiveAll(one = archiver()): Promise<number> {
  let rounds = 0;
  while (await one.round(cuts)) rounds += 1;
  return rounds;
}

const archive = () =>
  new Archive({ storage, store: diskStore(folder), clock, ids: seededIds(clock, 'reader') });

async function archived(search: Parameters<Archive['search']>[0] = {}): Promise<ArchivedRecord[]> {
  const found: ArchivedRecord[] = [];
  for await (const record of archive().search(search)) found.push(record);
  return found;
}
const idsIn = async (search?: Parameters<Archive['search']>[0]) =>
  (await archived(search)).map(idOf);

/** A message that has ended, with its part and a remark. */
async function ended(over: Partial<Message> = {}): Promise<Message> {
  const createdAt = over.createdAt ?? before(2);
  const message = rows.message({
    createdAt,
    status: 'delivered',
    sentAt: createdAt + 1,
    doneAt: createdAt + 2,
    ...over,
  });
  await storage.write(async (tx) => {
    await tx.messages.insert([{ ...message, status: 'sending' }]);
    await tx.messages.save([message], { from: 'sending' });
    await tx.parts.save([rows.part(message, { status: 'delivered', upstreamId: 'unlike-any-id' })]);
    await tx.timeline.insert([{ messageId: message.id, at: createdAt, what: 'x', detail: null }]);
  });
  return message;
}

async function received(over: Partial<Reply> = {}): Promise<Reply> {
  const reply = rows.reply({ receivedAt: before(2), ...over });
  await storage.write((tx) => tx.replies.insert([reply]));
  return reply;
}

const stored = async (id: Message['id']) => (await storage.read.messages.findAny(id)) !== undefined;

describe('what has been kept long enough', () => {
  it('is in the archive as it was, and in no table', async () => {
    const marks = { sender: 'Uniquesender', text: 'unlike-any-other-text', clientRef: 'ref-4711' };
    const message = await ended(marks);
    const parts = await storage.read.messages.parts(message.id);
    const reply = await received({ text: 'unlike-any-other-reply' });
    expect(await archiveAll()).toBe(2);

    expect(parts).toMatchObject([{ number: 1, status: 'delivered', upstreamId: 'unlike-any-id' }]);
    const [first, second] = await archived();
    const elsewhere = ['secret', 'lockedBy', 'dueAt', 'priority', 'upstreamId'];
    const kept = Object.entries(message).filter(([field]) => !elsewhere.includes(field));
    expect(first).toEqual({ kind: 'messages', message: Object.fromEntries(kept), parts });
    expect(second).toEqual({ kind: 'replies', reply });
    if (database.place.storage !== '') {
      const all = await everythingStored(database);
      for (const mark of [...Object.values(marks), reply.text]) expect(all).not.toContain(mark);
    }
    for (const [table, column] of [
      ['messages', 'id'],
      ['parts', 'message_id'],
      ['timeline', 'message_id'],
      ['replies', 'id'],
    ]) {
      expect(await database.query(`select ${column} from ${table}`), table).toEqual([]);
    }
  });

  it('has the part that a message tells of itself', async () => {
    const createdAt = before(2);
    const claim = {
      status: 'sending',
      attempts: 1,
      lockedBy: nodeA,
      dueAt: createdAt + 9,
    } as const;
    const message = rows.message({ createdAt, ...claim });
    const told = { upstreamId: 'lone-id', sentAt: createdAt + 1, doneAt: createdAt + 2 };
    const held = { by: nodeA, until: [claim.dueAt] };
    await storage.write(async (tx) => {
      await tx.messages.insert([message]);
      const delivered = { ...message, ...told, status: 'delivered' as const, lockedBy: null };
      await tx.messages.save([delivered], { from: 'sending', held });
    });
    const parts = await storage.read.messages.parts(message.id);
    expect(parts).toMatchObject([{ number: 1, status: 'delivered', ...told }]);
    await archiveAll();
    const [archivedOne] = await archived();
    expect(archivedOne).toMatchObject({ kind: 'messages', parts });
    expect(archivedOne).not.toHaveProperty('message.upstreamId');
  });

  it('is what has ended before the day of the cut, and nothing else', async () => {
    const old = await ended();
    const waiting = rows.message({ createdAt: before(3), status: 'queued' });
    await storage.write((tx) => tx.messages.insert([waiting]));
    const late = await ended({ createdAt: before(9), doneAt: START + 1 });
    const young = await ended({ createdAt: START + 1, doneAt: START + 2 });
    let rounds = 0;
    const one = archiver();
    while (await one.round({ messages: START + 13 * HOUR, replies: START })) rounds += 1;
    expect(rounds).toBe(1);
    expect(await idsIn()).toEqual([old.id]);
    for (const { id } of [waiting, late, young]) expect(await stored(id)).toBe(true);
  });

  it('has a file for each day and kind, of so many rows at most', async () => {
    for (const days of [4, 4, 3, 3, 3]) await ended({ createdAt: before(days) });
    await received();
    await archiveAll(archiver({ rowsOfAFile: 2 }));
    const today = Math.floor(START / DAY);
    const files = await archive().files({}, { limit: 10, offset: 0 });
    expect(files.map(({ kind, day, rows: count }) => [kind, today - day, count])).toEqual([
      ['messages', 4, 2],
      ['messages', 3, 2],
      ['messages', 3, 1],
      ['replies', 2, 1],
    ]);
    expect(await readdir(folder)).toHaveLength(3);
  });

  it('is found by account, day, number and id', async () => {
    const [mine, yours] = ['mine', 'yours'] as [AccountId, AccountId];
    const one = await ended({ accountId: mine });
    const two = await ended({ accountId: yours, createdAt: before(3) });
    const three = await received({ accountId: mine, from: '+61498765432' as Reply['from'] });
    await received({ accountId: null });
    await archiveAll();
    const day = Math.floor(before(3) / DAY);
    expect(await idsIn({ accountId: mine })).toEqual([one.id, three.id]);
    expect(await idsIn({ fromDay: day, beforeDay: day + 1 })).toEqual([two.id]);
    expect(await idsIn({ kind: 'replies', accountId: mine })).toEqual([three.id]);
    expect(await idsIn({ id: two.id })).toEqual([two.id]);
    expect(await idsIn({ id: rows.id() })).toEqual([]);
    expect(await idsIn({ number: '+61498765432' })).toEqual([three.id]);
  });
});

describe('a crash', () => {
  /** A store and a storage of which nothing works any more from their n-th step on. */
  function dying(steps: number, when: 'before' | 'after') {
    let left = steps;
    const alive = async <T>(work: () => Promise<T>): Promise<T> => {
      if (left <= 0) throw new Error('dead');
      left -= 1;
      if (left === 0 && when === 'before') throw new Error('dies');
      const done = await work();
      if (left === 0) throw new Error('dies');
      return done;
    };
    const disk = diskStore(folder);
    const store: ArchiveStore = {
      ...disk,
      write: (name, lines) => alive(() => disk.write(name, lines)),
      remove: (name) => alive(() => disk.remove(name)),
      read: disk.read,
    };
    const write: Storage['write'] = (work) => alive(() => storage.write(work));
    return { store, storage: { ...storage, write }, died: () => left <= 0 };
  }

  it('neither loses nor doubles a row, wherever it comes', async () => {
    const all: string[] = [];
    let last = false;
    for (let step = 1; !last; step++) {
      for (const when of ['before', 'after'] as const) {
        const [kept, changed] = [await ended(), await ended()];
        const { died, ...parts } = dying(step, when);
        await archiveAll(archiver(parts)).catch(() => {});
        last = !died();
        // Meanwhile its account erases one of them, if it is still there.
        await storage.write((tx) =>
          tx.messages.erase(changed.accountId, { ids: [changed.id] }, START),
        );
        // What the dead node held is taken up when its lease has ended.
        await clock.advance(121_000);
        await archiveAll();
        all.push(kept.id, changed.id);
        expect((await idsIn()).toSorted(), `${when} step ${step}`).toEqual(all.toSorted());
        expect(await stored(kept.id)).toBe(false);
      }
    }
    expect(all.length).toBeGreaterThan(16);
  });

  it('leaves nothing of a file that was not finished', async () => {
    const message = await ended();
    const disk = diskStore(folder);
    const dead = archiver({
      store: {
        ...disk,
        write: async (name) => {
          const file = path.join(folder, name);
          await mkdir(path.dirname(file), { recursive: true });
          await writeFile(`${file}.part`, 'half of it');
          throw new Error('dies');
        },
      },
    });
    await expect(dead.round(cuts)).rejects.toThrow('dies');
    await archiveAll();
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => name.includes('.'))).toHaveLength(1);
    expect(await idsIn()).toEqual([message.id]);
  });

  it('leaves a text that was erased in no file', async () => {
    const erased = await ended({ text: 'must be gone' });
    const kept = await ended({ text: 'may stay' });
    // Dies when the file is written and nothing is deleted yet.
    const { died: _, ...parts } = dying(4, 'before');
    await archiver(parts)
      .round(cuts)
      .catch(() => {});
    expect(await idsIn()).toEqual([]);
    await storage.write((tx) => tx.messages.erase(erased.accountId, { ids: [erased.id] }, START));
    await clock.advance(121_000);
    await archiveAll();
    const texts = (await archived()).map((one) =>
      one.kind === 'messages' ? one.message.text : '',
    );
    expect(texts.toSorted()).toEqual(['', 'may stay']);
    expect(await stored(erased.id)).toBe(false);
    expect(await stored(kept.id)).toBe(false);
  });
});

describe('what is archived', () => {
  const texts = async () =>
    (await archived()).map((one) => (one.kind === 'messages' ? one.message : one.reply).text);

  it('is erased by number, account or id, and stays otherwise', async () => {
    const number = '+61498765432' as Message['destination'];
    const mine = 'mine' as AccountId;
    const one = await ended({ text: 'one', destination: number });
    await ended({ text: 'two', accountId: mine });
    await ended({ text: 'three', createdAt: before(3) });
    await received({ text: 'four', from: number });
    await archiveAll();
    expect(await archive().erase({ number, kind: 'messages' })).toBe(1);
    expect(await archive().erase({ number })).toBe(1);
    expect(await archive().erase({ number })).toBe(0);
    expect(await archive().erase({ accountId: mine })).toBe(1);
    expect(await archive().erase({ id: rows.id() })).toBe(0);
    expect((await texts()).toSorted()).toEqual(['', '', '', 'three']);
    const [found] = await archived({ id: one.id });
    if (found?.kind !== 'messages') throw new Error('it is gone');
    expect(found.message).toMatchObject({ price: one.price, hiddenAt: clock.now() });
    expect(await archiver().round(cuts)).toBe(false);
  });

  it('is whole when erasing breaks off', async () => {
    const message = await ended({ text: 'one' });
    await archiveAll();
    const disk = diskStore(folder);
    const breaking = new Archive({
      storage,
      store: { ...disk, write: () => Promise.reject(new Error('no room')) },
      clock,
      ids: seededIds(clock, 'breaking'),
    });
    await expect(breaking.erase({ id: message.id })).rejects.toThrow('no room');
    expect(await texts()).toEqual(['one']);
    expect(await archive().erase({ id: message.id })).toBe(1);
    expect(await texts()).toEqual(['']);
  });

  it('is not erased while another node archives, and after its death again', async () => {
    const message = await ended({ text: 'one' });
    await archiveAll();
    const moving = await ended({ text: 'two' });
    const disk = diskStore(folder);
    const slow = archiver({
      store: {
        ...disk,
        write: async () => {
          // What is on its way into a file is in no file yet, and would be missed.
          for (const id of [message.id, moving.id]) {
            await expect(archive().erase({ id })).rejects.toMatchObject({ code: 'overloaded' });
          }
          throw new Error('dies');
        },
      },
    });
    await expect(slow.round(cuts)).rejects.toThrow('dies');
    await archiveAll();
    expect(await archive().erase({ id: message.id })).toBe(1);
  });
});

it('of two nodes one archives at a time, and takes up what the other let go of', async () => {
  for (let at = 0; at < 3; at++) await ended({ createdAt: before(2 + at) });
  const disk = diskStore(folder);
  let meanwhile: boolean | undefined;
  const slow = archiver({
    store: {
      ...disk,
      write: async (name, lines) => {
        meanwhile = await archiver().round(cuts);
        return disk.write(name, lines);
      },
    },
  });
  expect(await slow.round(cuts)).toBe(true);
  expect(meanwhile).toBe(false);

  const stopping = archiver({
    store: {
      ...disk,
      write: (name, lines) => {
        stopping.stop();
        return disk.write(name, lines);
      },
    },
  });
  expect(await stopping.round(cuts)).toBe(false);
  // At once: nothing has to lapse.
  await archiveAll();
  expect(await idsIn()).toHaveLength(3);
});

it('of two that both believe they hold a file, the one that was slow spoils nothing', async () => {
  const messages = [await ended(), await ended()];
  const disk = diskStore(folder);
  const slow = archiver({
    store: {
      ...disk,
      write: async (name, lines) => {
        const bytes = await disk.write(name, lines);
        await clock.advance(121_000);
        await archiveAll();
        return bytes;
      },
    },
  });
  expect(await slow.round(cuts)).toBe(false);
  expect(await idsIn()).toEqual(messages.map(({ id }) => id));
});

it('a file that cannot be read back costs no row', async () => {
  const message = await ended();
  const disk = diskStore(folder);
  const broken = archiver({
    store: {
      ...disk,
      write: async (name, lines) => {
        const bytes = await disk.write(name, lines);
        await disk.remove(name);
        return bytes;
      },
    },
  });
  await expect(broken.round(cuts)).rejects.toThrow('is not there');
  await expect(archiver().round(cuts)).rejects.toThrow('retention.archiveFolder');
  expect(await stored(message.id)).toBe(true);
});
