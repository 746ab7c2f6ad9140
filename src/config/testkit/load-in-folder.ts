import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { z } from 'zod';
import { ConfigError } from '../config-error.ts';
import type { TransportFacts } from '../links.ts';
import { loadConfig } from '../load.ts';
import { media } from '../../core/messages/medium.ts';
import type { Config } from '../load.ts';

/** What a test says of the world that the configuration is loaded in. */
export interface Given {
  /** What stands in ./parlance.yaml; there is none without. */
  yaml?: string;
  env?: Record<string, string>;
  flags?: Record<string, unknown>;
  file?: string;
}

const radio = z.strictObject({
  host: z.string(),
  port: z.int().max(65535),
  password: z.string(),
});
const transports = new Map<string, TransportFacts>([
  [
    'sandbox',
    { settings: z.strictObject({ latencyMs: z.int().default(5) }), media, simulator: true },
  ],
  ['radio', { settings: radio, media: ['sms'] }],
  ['phones', { settings: z.strictObject({}), media: ['sms'], devices: true, routes: () => {} }],
]);

/** Loads configurations in a working folder of the test file's own. */
export function loader(): {
  folder(): string;
  load(given: Given): Config;
  /** The sentences with which loading ends; empty when nothing is wrong. */
  problemsOf(given: Given): readonly string[];
} {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'parlance-config-'));
  });
  beforeEach(() => rmSync(path.join(folder, 'parlance.yaml'), { force: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  function load({ yaml, env = {}, flags = {}, file }: Given): Config {
    if (yaml !== undefined) writeFileSync(path.join(folder, 'parlance.yaml'), yaml);
    const dialectWords = { beta: { manners: ['usual', 'other'] } } as const;
    const dialects = ['alpha', 'beta'];
    return loadConfig({ file, env, flags, folder, transports, dialects, dialectWords });
  }

  return {
    folder: () => folder,
    load,
    problemsOf(given) {
      try {
        load(given);
      } catch (error) {
        if (error instanceof ConfigError) return error.problems;
        throw error;
      }
      return [];
    },
  };
}
