import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fixtures, octetsOf } from '../../src/smpp/codec/testkit/fixtures.ts';

const folder = path.join(import.meta.dirname, 'corpus');

/** The odd streams that were thought of or found: files of octets in hex, remarks after `#`. */
export function readCorpus(): { name: string; stream: Buffer }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.hex'))
    .toSorted()
    .map((name) => ({ name, stream: octetsOf(readFileSync(path.join(folder, name), 'utf8')) }));
}

/** What is mutated: each PDU of SMPP 3.4, and the corpus. */
export function readSeeds(): Buffer[] {
  const seeds = [
    ...fixtures.map(({ hex }) => octetsOf(hex)),
    ...readCorpus().map((each) => each.stream),
  ];
  return seeds.filter((seed) => seed.length > 0);
}

/** Writes a stream that broke something into the corpus, where the tests find it; gives its file. */
export function keepBreaking(stream: Buffer, why: string): string {
  const hash = createHash('sha256').update(stream).digest('hex').slice(0, 8);
  const file = path.join(folder, `broke-${hash}.hex`);
  const lines = stream.toString('hex').match(/.{1,64}/g) ?? [];
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `# ${why.split('\n', 1)[0]}\n${lines.join('\n')}\n`);
  return file;
}
