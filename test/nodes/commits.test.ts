import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Storage } from '../../src/core/ports/storage.ts';
import { openStorage } from '../../src/storage/engines/index.ts';
import type { CutWire } from '../support/cut-wire.ts';
import { cutWire } from '../support/cut-wire.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { storedMessage, submitText } from '../support/submit.ts';
import { TestLink } from '../support/test-link.ts';
import { counted } from '../support/under-way.ts';
import type { World } from '../support/world.ts';
import { createWorld } from '../support/world.ts';

/*
 * A commit whose answer is lost has happened, and nobody was told. Whoever takes it for a failure sends a
 * message twice, or says of one that was never sent that it may have been.
 */

let database: TestDatabase;
let wire: CutWire;
let storage: Storage;
let world: World;
beforeEach(async () => {
  database = await createTestDatabase();
  wire = await cutWire(database.place.storage);
  storage = counted(await openStorage({ ...database.place, storage: wire.url }));
  world = await createWorld({ database, storage, links: [new TestLink('test')] });
});
afterEach(async () => {
  await world.close();
  wire.close();
  await database.drop();
});

it('of a submission: it is answered as what it is, done', async () => {
  const account = await world.account({ credits: 10 });
  wire.cutAfterCommitOf('please pay');
  await submitText(world, account, 'please pay');
  expect(wire.cuts()).toBe(1);
  await world.clock.settle();
  expect(await account.messages()).toBe(1);
  expect(await account.credits()).toBe(9);
});

it('of a hand-over: the message is sent, once', async () => {
  const link = new TestLink('test');
  await world.close();
  storage = counted(await openStorage({ ...database.place, storage: wire.url }));
  world = await createWorld({ database, storage, links: [link], node: 'again' });
  const account = await world.account({ credits: 10 });
  wire.cutAfterCommitOf('sending');
  const message = await submitText(world, account, 'Hello');
  await world.clock.advance(5_000);
  expect(wire.cuts()).toBe(1);
  expect(link.sent).toHaveLength(1);
  expect(await storedMessage(world, message)).toMatchObject({ status: 'sent', attempts: 1 });
});
