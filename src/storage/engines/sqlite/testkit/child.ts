import { writeSync } from 'node:fs';

import { Fixtures, START } from '../../../testkit/fixtures.ts';
import { lockDataFolder } from '../../../folder-lock.ts';
import { migrateSqliteStorage, openSqliteStorage } from '../open.ts';

/*
 * A process of its own for tests that need one: `node child.ts <what> <folder> <seed>`. It prints a
 * line for everything that is done; the parent may kill it at any time.
 */

const [what, folder = '', seed = '0'] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

/** Ids of their own for each child, counting up. */
const rows = new Fixtures();
const madeAt = START + Number(seed) * 1_000_000;

async function writeMessages(count: number): Promise<void> {
  const storage = await openSqliteStorage(folder);
  for (let at = 0; at < count; at += 10) {
    await Promise.all(
      rows
        .messages(10, () => ({ createdAt: madeAt + at }))
        .map(async (message) => {
          await storage.write((tx) => tx.messages.insert([message]));
          say(message.id);
        }),
    );
  }
  await storage.close();
}

switch (what) {
  case 'lock':
    await lockDataFolder(folder);
    say('locked');
    setInterval(() => {}, 1_000);
    break;
  case 'migrate':
    say(JSON.stringify(await migrateSqliteStorage(folder)));
    break;
  case 'write-500':
    await writeMessages(500);
    break;
  case 'write-forever':
    await writeMessages(Number.POSITIVE_INFINITY);
    break;
  default:
    throw new Error(`unknown: ${what}`);
}
