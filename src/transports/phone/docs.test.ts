import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { phoneSettings } from './settings.ts';

const page = readFileSync(new URL('../../../docs/transports/phone.md', import.meta.url), 'utf8');

it('the page of this transport names every setting', () => {
  const table = page.slice(page.indexOf('\n## Settings'), page.indexOf('\n## What the app calls'));
  const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
  expect(named).toEqual(Object.keys(phoneSettings.shape));
});
