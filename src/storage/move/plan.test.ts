import { expect, it } from 'vitest';
import { createFolder, openPlace, tablesOf } from '../../../test/support/installation.ts';
import { placeName } from './place-name.ts';
import { carriedTables, plansOf } from './plan.ts';

it('every table and every column that the migrations make is moved', async () => {
  const folder = await createFolder();
  const tables = await tablesOf(folder.place);
  const { engine } = openPlace(folder.place);
  const plans = await plansOf(engine.reader);
  await engine.close();
  await folder.drop();
  expect(carriedTables.toSorted()).toEqual([...tables.keys()]);
  for (const { table, columns } of plans) {
    const computed = table === 'messages' ? ['created_day'] : [];
    expect([...columns, ...computed].toSorted(), table).toEqual(tables.get(table));
  }
});

it.each([
  ['postgres://me:secret@db.example:6543/sms', 'postgres://me@db.example:6543/sms'],
  ['postgres://db.example/sms?password=secret&sslmode=require', 'postgres://db.example/sms'],
  ['postgresql://me:s%40@[::1]/sms#x', 'postgresql://me@[::1]/sms'],
])('%s is shown as %s', (url, shown) => expect(placeName(url)).toBe(shown));
