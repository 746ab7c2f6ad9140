import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { homeOf } from './home.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-home-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('gives a folder one name, whoever asks and how often', async () => {
  const names = await Promise.all(Array.from({ length: 10 }, () => homeOf(folder)));
  expect(new Set(names).size).toBe(1);
  expect(names[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(await readdir(folder)).toEqual(['node.id']);
});
