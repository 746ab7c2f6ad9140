import { spawnSync } from 'node:child_process';
import fs, {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { outgoingPart, privateWord } from '../testkit/outgoing-part.ts';
import { Rig } from '../testkit/rig.ts';
import { sandbox } from './index.ts';
import type { JournalLine } from './journal.ts';

/** A disk that can be full. */
const disk = { room: Number.POSITIVE_INFINITY };
const { writeSync } = fs;

function writeWhatFits(fd: number, bytes: Buffer, from: number): number {
  if (disk.room === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const written = writeSync(fd, bytes, from, Math.min(disk.room, bytes.length - from));
  disk.room -= written;
  return written;
}

/** For those, too, who import the function by its name. */
function writeWith(write: typeof writeSync): void {
  fs.writeSync = write;
  syncBuiltinESMExports();
}

const unavailable = { kind: 'retryable', code: 'link_unavailable', again: 'elsewhere' };

let folder: string;
let path: string;
let rigs: Rig[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parlance-sandbox-'));
  path = join(folder, 'carrier', 'journal.jsonl');
  rigs = [];
  disk.room = Number.POSITIVE_INFINITY;
  writeWith(writeWhatFits as typeof writeSync);
});
afterEach(async () => {
  writeWith(writeSync);
  for (const rig of rigs) await rig.close();
  rmSync(folder, { recursive: true });
});

async function open(more: Record<string, unknown> = {}): Promise<Rig> {
  const rig = new Rig(sandbox, {
    settings: { journal: 'carrier/journal.jsonl', ...more },
    clock: new FakeClock(1_000),
    dataFolder: folder,
  });
  rigs.push(rig);
  await rig.start();
  return rig;
}

/** All lines, of which each must be whole. */
function lines(): JournalLine[] {
  const text = readFileSync(path, 'utf8');
  if (text === '') return [];
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as JournalLine);
}
const messages = () => lines().map((line) => line.messageId);

it('has a line for each hand-over, with what was answered and without the text', async () => {
  const rig = await open();
  const taken = await rig.send(outgoingPart({ messageId: 'a', sender: 'Café "1"\n' }));
  await rig.send(outgoingPart({ messageId: 'b', destination: '+61412345674' }));
  await rig.send(outgoingPart({ messageId: 'c', destination: '+61412345677' }));
  await rig.send(outgoingPart({ messageId: 'd', possiblyDoubled: true, number: 2, total: 2 }));

  const rest = { at: 1_000, part: 1, sender: 'CompanyABC', upstreamId: null };
  const destination = '+61412345678';
  const once = { ...rest, possiblyDoubled: false };
  const { upstreamId } = taken as { upstreamId: string };
  expect(lines()).toEqual([
    { ...once, messageId: 'a', destination, sender: 'Café "1"\n', upstreamId, outcome: 'accepted' },
    { ...once, messageId: 'b', destination: '+61412345674', outcome: 'refused' },
    { ...once, messageId: 'c', destination: '+61412345677', outcome: 'retryable' },
    {
      ...rest,
      messageId: 'd',
      part: 2,
      destination,
      upstreamId: expect.stringMatching(/^sb-/) as string,
      outcome: 'accepted',
      possiblyDoubled: true,
    },
  ]);
  expect(readFileSync(path, 'utf8')).not.toContain(privateWord);
  expect(statSync(path).mode & 0o077).toBe(0);
});

it('is written before the answer', async () => {
  const rig = await open({ latencyMs: 5_000 });
  const answer = rig.link.send(outgoingPart({ messageId: 'a' }));
  expect(messages()).toEqual(['a']);
  await rig.clock.advance(5_000);
  await answer;
});

it('goes on where the run before ended', async () => {
  for (const messageId of ['a', 'b']) {
    const rig = await open();
    await rig.send(outgoingPart({ messageId }));
    await rig.stop();
  }
  expect(messages()).toEqual(['a', 'b']);
});

it('is not written to by a link that has stopped', async () => {
  const rig = await open();
  await rig.stop();
  await rig.send(outgoingPart());
  expect(lines()).toEqual([]);
});

it('survives a gateway that is killed', async () => {
  const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const settings = JSON.stringify({ journal: path });
  const program = `
    import { sandbox } from ${here('./index.ts')};
    const clock = { now: Date.now, after: () => ({ cancel() {} }) };
    const context = { clock, dataFolder: '/nonexistent', log() {} };
    const link = sandbox.create('one', sandbox.settings.parse(${settings}), context);
    await link.start({});
    const destination = '+61412345678';
    for (let i = 0; i < 100; i++) void link.send({ messageId: 'm' + i, number: 1, destination });
    process.kill(process.pid, 'SIGKILL');
  `;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program]);
  expect({ signal: run.signal, error: run.stderr.toString() }).toEqual({
    signal: 'SIGKILL',
    error: '',
  });
  expect(messages()).toEqual(Array.from({ length: 100 }, (_, i) => `m${i}`));
});

it.each([
  ['short', '{"at":1'],
  ['longer than a chunk', 'x'.repeat(200_000)],
])('drops a last line that was cut short: %s', async (_, torn) => {
  const first = await open();
  await first.send(outgoingPart({ messageId: 'a' }));
  await first.stop();
  appendFileSync(path, torn);
  await (await open()).send(outgoingPart({ messageId: 'b' }));
  expect(messages()).toEqual(['a', 'b']);
});

it('drops what was cut short when there is nothing else', async () => {
  await (await open()).stop();
  writeFileSync(path, 'x'.repeat(70_000));
  await open();
  expect(lines()).toEqual([]);
});

it('takes back a line of which the disk had room for a half only', async () => {
  const rig = await open();
  await rig.send(outgoingPart({ messageId: 'a' }));
  disk.room = 30;
  expect(await rig.send(outgoingPart({ messageId: 'b' }))).toMatchObject(unavailable);
  expect(messages()).toEqual(['a']);
  disk.room = 1_000;
  expect(await rig.send(outgoingPart({ messageId: 'c' }))).toMatchObject({ kind: 'accepted' });
  expect(messages()).toEqual(['a', 'c']);
});

it('takes nothing while it cannot be written, and says so once each time', async () => {
  const rig = await open();
  disk.room = 0;
  for (let i = 0; i < 3; i++) {
    expect(await rig.send(outgoingPart())).toMatchObject(unavailable);
  }
  await rig.clock.advance(60_000);
  expect(rig.host.calls).toBe(0);
  expect(rig.log).toMatchObject([{ level: 'error', more: { link: rig.link.id } }]);

  disk.room = Number.POSITIVE_INFINITY;
  expect(await rig.send(outgoingPart({ messageId: 'z' }))).toMatchObject({ kind: 'accepted' });
  expect(messages()).toEqual(['z']);
  disk.room = 0;
  expect(await rig.send(outgoingPart())).toMatchObject(unavailable);
  expect(rig.log).toHaveLength(2);
});

it('stops the start when it cannot be opened', async () => {
  writeFileSync(join(folder, 'carrier'), 'a file where a folder should be');
  await expect(open()).rejects.toThrow(/EEXIST|ENOTDIR/);
});
