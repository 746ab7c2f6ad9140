import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { smppSettings } from './settings.ts';
import { actionFor } from './status-actions.ts';

const page = readFileSync(new URL('../../../docs/transports/smpp.md', import.meta.url), 'utf8');

it('the page of this transport names every setting', () => {
  const rows = page.slice(page.indexOf('\n## Settings')).split('\n| `').slice(1);
  const named = rows.flatMap((row) =>
    [...`\`${row}`.split('|')[0]!.matchAll(/`(\w+)`/g)].map(([, key]) => key),
  );
  expect(new Set(named)).toEqual(new Set(Object.keys(smppSettings.shape)));
});

it('and says what follows from each status', () => {
  const table = page.slice(page.indexOf('### Statuses'), page.indexOf('Carriers have their own'));
  const rows = [...table.matchAll(/^\| ((?:`0x[0-9a-f]+` ?)+)\|.*?\| (.*) \|$/gm)];
  const words = {
    throttle: /slows down/,
    again: /again by this link/,
    elsewhere: /^the next link/,
    refuse: /rejected/,
  };
  expect(rows).toHaveLength(7);
  for (const [, statuses = '', what = ''] of rows) {
    for (const [status] of statuses.matchAll(/0x[0-9a-f]+/g)) {
      const action = actionFor(Number(status), new Map());
      expect(what).toMatch(words[action.action]);
      if (action.action === 'again') expect(what).toContain(`${action.afterSeconds} s`);
    }
  }
});
