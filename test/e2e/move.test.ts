import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Fixtures } from '../../src/storage/testkit/fixtures.ts';
import { runCommand, startGateway } from '../support/gateway-process.ts';
import { allRows, createFolder, rawQuery, tablesOf } from '../support/installation.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

const main = path.join(import.meta.dirname, '../../src/main.ts');

let from: TestDatabase;
let to: TestDatabase;
beforeEach(async () => {
  from = await createFolder();
  to = await createTestDatabase();
});
afterEach(async () => {
  await from.drop();
  await to.drop();
});

/** How a command is told where the target is. */
const there = () => ['--data', to.place.data, '--set', `storage=${to.place.storage}`];
const here = () => ['--data', from.place.data];

it('an installation that was served moves, killed on its way, and is served there', async () => {
  const gateway = await startGateway(['--demo', ...here()]);
  const busy = await runCommand([...there(), 'migrate', '--from', from.place.data]);
  expect(busy).toMatchObject({ code: 1, stdout: '' });
  expect(busy.stderr).toContain('Another parlance is serving from the data folder');
  await gateway.stop();
  const storage = await from.open();
  const rows = new Fixtures();
  for (let page = 0; page < 20; page++) {
    const messages = rows.messages(1_000);
    await storage.write(async (tx) => {
      await tx.messages.insert(messages);
      await tx.parts.save(messages.map((message) => rows.part(message)));
    });
  }
  await storage.close();

  const args = [main, ...there(), 'migrate', '--from', from.place.data];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const copied = async () =>
    Number((await rawQuery(to.place, 'select coalesce(sum(rows), 0) from move_progress'))[0]?.[0]);
  await waitUntil('some pages are there', async () => (await copied()) > 1_000);
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  const before = await copied();

  // Neither may be served now.
  for (const where of [here(), there()]) {
    const refused = await runCommand([...where, 'serve', '--port', '0']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/parlance migrate --from/);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  }

  const rest = await runCommand([...there(), '--json', 'migrate', '--from', from.place.data]);
  expect(rest).toMatchObject({ code: 0 });
  const moved = JSON.parse(rest.stdout) as { rows: number; rowsOfThisRun: number };
  expect(moved.rowsOfThisRun).toBe(moved.rows - before);
  const tables = await tablesOf(from.place);
  expect(await allRows(to.place, tables)).toEqual(await allRows(from.place, tables));

  const gone = await runCommand([...here(), 'account', 'list']);
  expect(gone).toMatchObject({ code: 1, stdout: '' });
  expect(gone.stderr).toContain('This installation was moved to');
  // A node with a key of its own is not one of this installation.
  const stranger = await runCommand([...there(), 'account', 'list']);
  expect(stranger.stderr).toContain('another key than the installation');
  expect(stranger.stderr).toContain('parlance migrate --new-key');
  await copyFile(path.join(from.place.data, 'secret.key'), path.join(to.place.data, 'secret.key'));
  expect((await runCommand([...there(), 'account', 'list'])).stdout).toContain('demo-');
  const served = await startGateway(there());
  await served.stop();

  expect(await runCommand([...here(), 'migrate', '--undo'])).toMatchObject({ code: 0 });
  expect(await runCommand([...here(), 'account', 'list'])).toMatchObject({ code: 0 });

  // The key is lost: the next one is made, and taken when its owner says so.
  await rm(path.join(from.place.data, 'secret.key'));
  expect((await runCommand([...here(), 'account', 'list'])).code).toBe(1);
  expect(await runCommand([...here(), 'migrate', '--new-key'])).toMatchObject({ code: 0 });
  expect(await runCommand([...here(), 'account', 'list'])).toMatchObject({ code: 0 });
}, 120_000);

it('a folder without a database, and the one that is configured, are not moved', async () => {
  const nothing = await runCommand([...here(), 'migrate', '--from', '/nowhere']);
  expect(nothing.stderr).toContain('There is no database in /nowhere');
  const same = await runCommand([...here(), 'migrate', '--from', from.place.data]);
  expect(same.stderr).toContain('is where the configuration keeps its database already');
}, 60_000);
