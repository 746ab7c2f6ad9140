import { mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveStore } from '../core/ports/archive-store.ts';
import type { HttpClient } from '../net/http-client.ts';
import { createHttpClient } from '../net/http-client.ts';
import { diskStore } from './disk.ts';
import { s3Store } from './s3.ts';
import type { TestBucket } from './testkit/bucket.ts';
import { startBucket } from './testkit/bucket.ts';

let folder: string;
let bucket: TestBucket;
let http: HttpClient;
const stores: { disk: ArchiveStore; s3: ArchiveStore } = {} as never;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-archive-'));
  bucket = await startBucket();
  http = createHttpClient({ allow: ['127.0.0.0/8'], userAgent: 'Parlance' });
  Object.assign(stores, { disk: diskStore(folder), s3: s3Store(bucket.settings, http) });
});
afterEach(async () => {
  await http.destroy();
  await bucket.close();
  await rm(folder, { recursive: true, force: true });
});

const name = '2026-03-01/messages-1.ndjson.gz';

async function* those(...lines: string[]): AsyncGenerator<string> {
  yield* lines;
}
async function* failing(): AsyncGenerator<string> {
  yield 'first';
  throw new Error('no more');
}
async function linesOf(store: ArchiveStore): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of store.read(name)) lines.push(line);
  return lines;
}

describe.each(['disk', 's3'] as const)('an archive on %s', (place) => {
  it('gives back what was written, in gzip that others read', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `{"text":"${at} – ünï 🎉"}`);
    const bytes = await stores[place].write(name, those(...lines));
    expect(await linesOf(stores[place])).toEqual(lines);
    const file =
      place === 'disk'
        ? await readFile(path.join(folder, name))
        : (bucket.objects.get(`/bucket/sms/${name}`) as Buffer);
    expect(file).toHaveLength(bytes);
    expect(gunzipSync(file).toString()).toBe(`${lines.join('\n')}\n`);
  });

  it('writes over what is there as a whole, or not at all', async () => {
    const store = stores[place];
    await store.write(name, those('one', 'two'));
    await expect(store.write(name, failing())).rejects.toThrow('no more');
    expect(await linesOf(store)).toEqual(['one', 'two']);
    await store.write(name, those('three'));
    expect(await linesOf(store)).toEqual(['three']);
  });

  it('says so when there is none, and does not mind removing it', async () => {
    const store = stores[place];
    await expect(linesOf(store)).rejects.toThrow(
      place === 'disk' ? 'is not there' : 'answered 404 NoSuchKey',
    );
    await store.remove(name);
    await store.write(name, those('one'));
    await store.remove(name);
    await expect(linesOf(store)).rejects.toThrow();
  });

  it('lets go when its reader does', async () => {
    const store = stores[place];
    await store.write(name, those(...Array.from({ length: 50_000 }, (_, at) => `line ${at}`)));
    for await (const line of store.read(name)) {
      expect(line).toBe('line 0');
      break;
    }
    await store.remove(name);
  });
});

describe('an archive on disk', () => {
  it('leaves nothing of what it did not finish, and is for its owner alone', async () => {
    await expect(stores.disk.write(name, failing())).rejects.toThrow();
    expect(await readdir(path.join(folder, '2026-03-01'))).toEqual([]);
    await stores.disk.write(name, those('one'));
    expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(folder, '2026-03-01'))).mode & 0o777).toBe(0o700);
  });

  it('does not pass a damaged file for a whole one', async () => {
    const lines = Array.from({ length: 5_000 }, (_, at) => `${at * 7919}`);
    const bytes = await stores.disk.write(name, those(...lines));
    await truncate(path.join(folder, name), bytes - 10);
    await expect(linesOf(stores.disk)).rejects.toThrow('cannot be read');
  });
});

describe('an archive in a bucket', () => {
  it('says what the service said', async () => {
    bucket.failNext(503, 'SlowDown');
    await expect(stores.s3.write(name, those('one'))).rejects.toThrow('answered 503 SlowDown');
    const stranger = s3Store({ ...bucket.settings, secret: 'wrong' }, http);
    await expect(stranger.write(name, those('one'))).rejects.toThrow('SignatureDoesNotMatch');
    expect(bucket.objects.size).toBe(0);
  });

  it('is reached only where the guard allows it', async () => {
    const guarded = createHttpClient({ allow: [], userAgent: 'Parlance' });
    const store = s3Store(bucket.settings, guarded);
    await expect(store.write(name, those('one'))).rejects.toThrow(/bucket: .*127\.0\.0\.1/);
    await guarded.close();
  });
});
