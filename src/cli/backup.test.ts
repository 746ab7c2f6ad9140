import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackupProgress } from '../storage/engines/sqlite/backup.ts';
import { progressLine } from './backup.ts';
import type { Output } from './context.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage, lines } from './testkit/stage.ts';

const done = { bytes: 1_234_567_890, takenAt: Date.UTC(2026, 2, 1, 9, 30), tookMs: 65_400 };
const listeners = process.listenerCount('SIGTERM');
const progress: BackupProgress = { bytes: 420_000_000, ofBytes: 1_000_000_000, tookMs: 10_000 };

let stage: Stage;
const asked: { file: string; data: string }[] = [];
let meanwhile: (() => void) | undefined;
beforeEach(async () => {
  asked.length = 0;
  meanwhile = undefined;
  stage = await createStage({
    context: {
      backup: async ({ data }, file, { onProgress, signal }) => {
        asked.push({ file, data });
        onProgress(progress);
        meanwhile?.();
        signal.throwIfAborted();
        return done;
      },
    },
  });
});
afterEach(() => stage.close());

describe('backup', () => {
  it('says what it made, and what belongs to it', async () => {
    const came = await stage.run('backup /backup/today.db --data /var/lib/parlance');
    expect(came).toMatchObject({ code: 0, err: '' });
    expect(came.out).toBe(
      lines(`
        /backup/today.db is written: 1235 MB in 1m 5s. What was acknowledged before 2026-03-01 09:30:00 UTC is in it.
        Keep /var/lib/parlance/secret.key too, but apart: signing secrets in the copy can be read with it, and are lost without it.
        To restore: stop serving, put the copy into an empty folder as parlance.db, the key beside it as secret.key, and serve with --data <folder>. What was queued in it is sent again then: see “Restore” in docs/operations.md first.
      `),
    );
    const { raw } = await stage.run('backup today.db --json');
    expect(JSON.parse(raw)).toEqual({
      file: path.resolve('today.db'),
      bytes: 1_234_567_890,
      takenAt: '2026-03-01T09:30:00.000Z',
      tookMs: 65_400,
    });
    expect(asked[0]).toEqual({ file: '/backup/today.db', data: '/var/lib/parlance' });
  });

  it('names the setting where the key is one', async () => {
    const key = Buffer.alloc(32).toString('base64');
    const { out } = await stage.run(`backup today.db --set security.key=${key}`);
    expect(out).toContain('Keep the text of `security.key` too');
    expect(out).not.toContain('secret.key');
    expect(out).not.toContain(key);
  });

  it('is given up at a signal, in a sentence', async () => {
    meanwhile = () => process.emit('SIGTERM');
    expect(await stage.run('backup today.db')).toMatchObject({
      code: 1,
      out: '',
      err: 'parlance: The backup was given up: nothing is left of it.',
    });
    expect(process.listenerCount('SIGTERM')).toBe(listeners);
  });

  it('leaves PostgreSQL to its own programs', async () => {
    const came = await stage.run('backup today.db --set storage=postgres://db.example/parlance');
    expect(came).toMatchObject({ code: 1, out: '' });
    expect(came.err).toMatch(/pg_basebackup.*pg_dump.*“Backup” of docs\/operations\.md/);
    expect(asked).toEqual([]);
  });
});

describe('the progress', () => {
  it('is a line of a terminal, gone at the end', async () => {
    const drawn: string[] = [];
    const redraw = (text: string) => drawn.push(text);
    const out: Output = { line: () => {}, note: () => {}, redraw, isTerminal: true };
    const watched = await createStage({
      context: {
        out,
        backup: async (_config, _file, { onProgress }) => {
          for (const tookMs of [50, 200, 399, 400]) onProgress({ ...progress, tookMs });
          return done;
        },
      },
    });
    await watched.run('backup today.db');
    await watched.close();
    expect(drawn.filter((text) => text !== '')).toHaveLength(2);
    expect(drawn.at(-1)).toBe('');
  });

  it('says how far it is, and how long it will take', () => {
    expect(progressLine(progress)).toBe('████████░░░░░░░░░░░░  42 %  420/1000 MB  14s left');
    expect(progressLine({ bytes: 8_192_000, ofBytes: 12_288_000, tookMs: 90 })).toBe(
      '█████████████░░░░░░░  66 %  8.2/12 MB  0s left',
    );
  });
});
