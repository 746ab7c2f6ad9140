import { expect, it } from 'vitest';
import { keptTemplate } from './kept.ts';
import { TemplateError } from './limits.ts';

it('reads a template once, while it is in use', () => {
  const first = keptTemplate('$a');
  for (let i = 0; i < 300; i++) {
    keptTemplate(`$a${i}`);
    expect(keptTemplate('$a')).toBe(first);
  }
});

it('forgets those that are not', () => {
  const first = keptTemplate('$b');
  for (let i = 0; i < 300; i++) keptTemplate(`$b${i}`);
  expect(keptTemplate('$b')).not.toBe(first);
  expect(keptTemplate('$b')).toEqual(first);
});

it('refuses what cannot be read, each time', () => {
  for (let i = 0; i < 2; i++) expect(() => keptTemplate('#end')).toThrow(TemplateError);
});
