import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fdatasyncSync, openSync } from 'node:fs';
import { link, open, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import path from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { StorageRefused } from '../../refused.ts';
import { databaseFile } from './engine.ts';
import { failureOf } from './failures.ts';

/**
 * Pages between two syncs of the copy, 8 MB: a gateway that serves from the same disk then never waits
 * for a gigabyte that is written out at once. Its slowest of a hundred answers took 27 ms beside this,
 * 90 ms beside a copy that was not paced and 120 ms beside VACUUM INTO, which cannot be.
 */
const PAGES_AT_ONCE = 2_000;
const BUSY_TIMEOUT_MS = 2_000;

/** How far a copy is. */
export interface BackupProgress {
  bytes: number;
  ofBytes: number;
  tookMs: number;
}

/** A copy that is on disk. */
export interface BackedUp {
  bytes: number;
  /** What was committed before this instant is in it. */
  takenAt: number;
  tookMs: number;
}

/**
 * Copies the database of a data folder into a file, whether or not somebody serves it. Until the copy is
 * whole and on disk it has another name, which goes when this fails or is given up.
 *
 * @throws StorageRefused when there is nothing to copy, the file exists, or its disk has too little room.
 */
export async function backupSqlite(
  folder: string,
  file: string,
  { onProgress, signal }: { onProgress?: (progress: BackupProgress) => void; signal?: AbortSignal },
): Promise<BackedUp> {
  const source = databaseFile(folder);
  if (!existsSync(source)) {
    throw new StorageRefused(
      `There is no database in ${folder}: name the data folder of the installation with --data.`,
    );
  }
  await requirePlace(file);
  const draft = `${file}.${randomBytes(4).toString('hex')}.part`;
  try {
    const copied = await copy(source, draft, onProgress, signal);
    makeOneFile(draft);
    await place(draft, file);
    return { ...copied, bytes: (await stat(file)).size };
  } catch (error) {
    if (failureOf(error) === 'full') throw noRoom(file);
    throw error;
  } finally {
    await rm(draft, { force: true });
    await rm(`${draft}-journal`, { force: true });
  }
}

async function copy(
  source: string,
  draft: string,
  onProgress: (progress: BackupProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<Omit<BackedUp, 'bytes'>> {
  const startedAt = performance.now();
  // Not read-only: such a connection leaves a -wal behind where nobody serves.
  const db = new DatabaseSync(source, { timeout: BUSY_TIMEOUT_MS });
  try {
    const takenAt = Date.now();
    // One snapshot from here on. Without it each write of the gateway makes the copy begin anew, for ever.
    db.exec('begin');
    const pageBytes = numberOf(db, 'page_size');
    await requireRoom(draft, numberOf(db, 'page_count') * pageBytes);
    // SQLite would make it readable for everybody.
    const handle = openSync(draft, 'wx', 0o600);
    try {
      await backup(db, draft, {
        rate: PAGES_AT_ONCE,
        progress: ({ totalPages, remainingPages }) => {
          signal?.throwIfAborted();
          fdatasyncSync(handle);
          onProgress({
            bytes: (totalPages - remainingPages) * pageBytes,
            ofBytes: totalPages * pageBytes,
            tookMs: performance.now() - startedAt,
          });
        },
      });
    } finally {
      closeSync(handle);
    }
    return { takenAt, tookMs: performance.now() - startedAt };
  } finally {
    db.close();
  }
}

/** Out of the mode with a log, so that the copy can be looked into where nothing may be written beside it. */
function makeOneFile(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec('pragma journal_mode = delete');
  } finally {
    db.close();
  }
}

/** Gives the copy its name, durably. */
async function place(draft: string, file: string): Promise<void> {
  const handle = await open(draft, 'r+');
  await handle.sync();
  await handle.close();
  try {
    // Unlike a renaming this fails when somebody made that file meanwhile.
    await link(draft, file);
    await unlink(draft);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(file);
    // A file system without hard links.
    await requirePlace(file);
    await rename(draft, file);
  }
  // Windows opens no folders.
  const folder = await open(path.dirname(file), 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

async function requirePlace(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) {
    throw new StorageRefused(
      `${file} is a folder: name a file in it, such as ${path.join(file, 'parlance-monday.db')}.`,
    );
  }
  if (there) throw exists(file);
  const folder = path.dirname(file);
  if (!existsSync(folder)) {
    throw new StorageRefused(`There is no folder ${folder}: make it first, or name another file.`);
  }
}

/** Filling the disk would take a gateway down that serves from it. */
async function requireRoom(file: string, bytes: number): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(path.dirname(file));
  // Some network file systems say nothing of their size.
  if (blocks > 0 && bavail * bsize < bytes) throw noRoom(file);
}

function exists(file: string): StorageRefused {
  return new StorageRefused(
    `${file} exists already and is not overwritten: name another file, or move that one away.`,
  );
}

function noRoom(file: string): StorageRefused {
  return new StorageRefused(
    `The disk of ${path.dirname(file)} has no room for the copy: make room there, or name a file on another disk.`,
  );
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(db.prepare(`pragma ${pragma}`).get()?.[pragma]);
}
