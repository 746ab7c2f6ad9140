import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveStore } from '../core/ports/archive-store.ts';
import { readLines, writeLines } from './lines.ts';

/** What is not whole yet lies beside its place under this name. */
const unfinished = '.part';

/** An archive in a folder: `<folder>/2026-08-12/messages-<id>.ndjson.gz`, for nobody but its owner to read. */
export function diskStore(folder: string): ArchiveStore {
  const placeOf = (name: string) => path.join(folder, ...name.split('/'));
  return {
    place: 'disk',
    async write(name, lines) {
      const file = placeOf(name);
      const within = path.dirname(file);
      await mkdir(within, { recursive: true, mode: 0o700 });
      const part = file + unfinished;
      try {
        await writeLines(lines, createWriteStream(part, { mode: 0o600, flush: true }));
        const { size } = await stat(part);
        await rename(part, file);
        // A new name is on disk when its folder is, and a new folder when the one above is.
        await syncFolder(within);
        await syncFolder(path.dirname(within));
        return size;
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    async *read(name) {
      try {
        yield* readLines(createReadStream(placeOf(name)));
      } catch (error) {
        if (!isMissing(error)) throw new Error(`${placeOf(name)} cannot be read`, { cause: error });
        throw new Error(
          `${placeOf(name)} is not there: retention.archiveFolder must be the folder that the file was written to, the same for all nodes`,
          { cause: error },
        );
      }
    },
    async remove(name) {
      const file = placeOf(name);
      await rm(file + unfinished, { force: true });
      await rm(file, { force: true });
      // The day's folder, if that was all.
      await rmdir(path.dirname(file)).catch(() => {});
    },
  };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
