import { existsSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config/load.ts';
import { createVault, loadOrCreateKey } from '../../config/secrets.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Engine } from '../../storage/engine.ts';
import { openPostgresEngine } from '../../storage/engines/postgres/engine.ts';
import { migratePostgresEngine } from '../../storage/engines/postgres/open.ts';
import { databaseFile, openSqliteEngine } from '../../storage/engines/sqlite/engine.ts';
import { lockDataFolder } from '../../storage/folder-lock.ts';
import { migrate } from '../../storage/migrate.ts';
import { acceptKey, requireSameKey, undoMove } from '../../storage/move/admit.ts';
import type { Place } from '../../storage/move/begin.ts';
import type { SetCounter } from '../../storage/move/counters.ts';
import { counterFollows, counterIsSequence } from '../../storage/move/counters.ts';
import type { Moved } from '../../storage/move/move.ts';
import { moveInstallation } from '../../storage/move/move.ts';
import { placeName } from '../../storage/move/place-name.ts';
import { requireUnserved } from '../../storage/move/unserved.ts';
import type { MoveProgress } from '../../storage/move/tally.ts';
import { migrateStorage, openStorage } from '../../storage/engines/index.ts';
import { StorageRefused } from '../../storage/refused.ts';
import { storageOn } from '../../storage/storage.ts';
import { firstVault, makeFirstKey } from './key.ts';

type Where = Pick<Config, 'data' | 'storage' | 'security'>;

/**
 * Moves the installation of a data folder into the configured storage. Both are brought up to date
 * first, and nobody serves either of them meanwhile.
 */
export async function moveFolder(
  config: Where,
  from: string,
  clock: Pick<Clock, 'now'>,
  onProgress: (progress: MoveProgress) => void | Promise<void>,
): Promise<Moved> {
  const folder = path.resolve(from);
  requireDatabase(folder);
  const real = realpathSync(folder);
  if (config.storage === '' && existsSync(config.data) && realpathSync(config.data) === real) {
    throw new StorageRefused(
      `${folder} is where the configuration keeps its database already: name the database to move to as ` +
        '`storage`, such as postgres://user:password@host/database.',
    );
  }
  const lock = await lockDataFolder(folder);
  const engine = openSqliteEngine(folder);
  try {
    await migrate(engine, clock.now());
    // An installation that was not served since it has a key check gets it now: nodes will be many.
    const storage = storageOn(engine);
    const vault = await firstVault({ data: folder, security: config.security }, storage);
    await requireSameKey(storage, vault);
    return await into(config, real, clock, ({ place: target, setCounter }) =>
      moveInstallation({
        source: { engine, name: folder },
        target,
        setCounter,
        clock,
        onProgress,
      }),
    );
  } finally {
    await engine.close();
    lock.release();
  }
}

/**
 * Lets the installation in the data folder be served again after it was moved away.
 * @returns where it had gone, undefined when it had not.
 */
export async function takeBackFolder({ data }: Where): Promise<string | undefined> {
  requireDatabase(data);
  const lock = await lockDataFolder(data);
  const engine = openSqliteEngine(data);
  try {
    await migrate(engine, Date.now());
    return await undoMove(storageOn(engine));
  } finally {
    await engine.close();
    lock.release();
  }
}

/** Brings the configured storage up to date. @returns the names of the migrations that were run. */
export async function bringUpToDate(config: Where): Promise<string[]> {
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const names = await migrateStorage(config);
  const storage = await openStorage(config);
  try {
    await makeFirstKey(config, storage);
  } finally {
    await storage.close();
  }
  return names;
}

/**
 * For an installation whose key is lost: from now on it is the one that this node has. Nobody serves it
 * meanwhile: he would go on sealing with another.
 */
export async function acceptOwnKey(config: Where, clock: Pick<Clock, 'now'>): Promise<void> {
  const storage = await openStorage(config);
  try {
    await mkdir(config.data, { recursive: true, mode: 0o700 });
    const lock = await lockDataFolder(config.data);
    try {
      // Where one node alone may serve, the lock has said it, also of one that was killed just now.
      if (storage.manyNodes) {
        requireUnserved(await storage.read.nodes.list(), placeName(config.storage), clock.now());
      }
      const key = await loadOrCreateKey(config.data, config.security.key);
      await acceptKey(storage, createVault(key));
    } finally {
      lock.release();
    }
  } finally {
    await storage.close();
  }
}

function requireDatabase(folder: string): void {
  if (existsSync(databaseFile(folder))) return;
  throw new StorageRefused(
    `There is no database in ${folder}: name the data folder of the installation.`,
  );
}

/** Runs `work` on the configured storage. The folder that is moved from is locked already. */
async function into<T>(
  config: Where,
  from: string,
  clock: Pick<Clock, 'now'>,
  work: (target: { place: Place; setCounter: SetCounter }) => Promise<T>,
): Promise<T> {
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const lock = realpathSync(config.data) === from ? null : await lockDataFolder(config.data);
  const target =
    config.storage === ''
      ? {
          place: { engine: openSqliteEngine(config.data), name: path.resolve(config.data) },
          update: migrate,
          setCounter: counterFollows,
        }
      : {
          place: { engine: openPostgresEngine(config.storage), name: placeName(config.storage) },
          update: (engine: Engine, now: number) =>
            migratePostgresEngine(engine, config.storage, now),
          setCounter: counterIsSequence,
        };
  try {
    await target.update(target.place.engine, clock.now());
    return await work(target);
  } finally {
    await target.place.engine.close();
    lock?.release();
  }
}
