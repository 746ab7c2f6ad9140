import { expect, it } from 'vitest';
import { exceedsBounds } from './json-bounds.ts';

const object = (names: number, value = '1'): string =>
  `{${Array.from({ length: names }, (_, nth) => `"k${nth}":${value}`).join(',')}}`;
const nodes = (count: number, node: string): string =>
  `{"nodes":[${Array.from({ length: count }, () => node).join(',')}]}`;
const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

it.each<[string, string, boolean]>([
  ['as many names as an object may have', object(1_200), false],
  ['one too many', object(1_201), true],
  ['one too many further in', `{"root":${object(1_201)}}`, true],
  ['one too many, behind an object', object(1_200, '{"a":1}').replace('}}', '},"x":1}'), true],
  ['as many nodes as are taken, of 49 fields', nodes(1_000, object(49)), false],
  ['more than a body may have', nodes(1_000, object(50)), true],
  ['as deep as it may be', deep(64), false],
  ['deeper', deep(65), true],
  ['texts that look like names', JSON.stringify({ a: '":"{['.repeat(9_000) }), false],
  ['texts that end with a backslash', `[${'"\\\\",'.repeat(9_000)}"\\\\"]`, false],
  ['many values', `[${'1,'.repeat(100_000)}1]`, false],
  ['what does not end', '{"a', false],
  ['what ends before it begins', ']]}}', false],
])('%s', (_what, text, expected) => {
  expect(exceedsBounds(Buffer.from(text))).toBe(expected);
});
