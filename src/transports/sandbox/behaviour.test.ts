import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { E164 } from '../../text/phone-number.ts';
import { behaviourOf } from './behaviour.ts';

const page = readFileSync(new URL('../../../docs/transports/sandbox.md', import.meta.url), 'utf8');

it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('…%i is on its page in the same words', (digit) => {
  const row = page.split('\n').find((line) => line.startsWith(`| …${digit} |`));
  expect(row).toContain(` ${behaviourOf(`+6141234567${digit}` as E164).title} |`);
});
