import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { Client } from 'pg';
import type { AccountId, LinkId } from '../../src/core/ids.ts';
import type { Tx } from '../../src/core/ports/storage.ts';
import type { Country, E164 } from '../../src/text/phone-number.ts';
import type { Engine } from '../../src/storage/engine.ts';
import { openPostgresEngine } from '../../src/storage/engines/postgres/engine.ts';
import { databaseFile, openSqliteEngine } from '../../src/storage/engines/sqlite/engine.ts';
import { migrateSqliteStorage, openSqliteStorage } from '../../src/storage/engines/sqlite/open.ts';
import { outgoingPart } from '../../src/transports/testkit/outgoing-part.ts';
import type { SetCounter } from '../../src/storage/move/counters.ts';
import { counterFollows, counterIsSequence } from '../../src/storage/move/counters.ts';
import { placeName } from '../../src/storage/move/place-name.ts';
import { AudienceRows } from '../../src/storage/testkit/audience-rows.ts';
import { Fixtures } from '../../src/storage/testkit/fixtures.ts';
import type { StoragePlace } from '../../src/storage/engines/index.ts';
import { FakeClock } from './fake-clock.ts';
import type { TestDatabase } from './storage.ts';
import { querySqlite } from './storage.ts';
import { submitText, submitTexts } from './submit.ts';
import type { World } from './world.ts';
import { createWorld } from './world.ts';

/** A data folder of its own with an empty database of SQLite, whatever engine the run is about. */
export async function createFolder(): Promise<TestDatabase> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'parlance-folder-'));
  await migrateSqliteStorage(data);
  return {
    place: { data, storage: '' },
    open: () => openSqliteStorage(data),
    query: async <T>(statement: string) => querySqlite(data, statement) as T[],
    drop: () => rm(data, { recursive: true, force: true }),
  };
}

/** An installation in a data folder that has lived: every table has rows, some several pages of them. */
export async function createInstallation(): Promise<TestDatabase> {
  const database = await createFolder();
  // Of two weeks, without living through what lies between.
  await live(database, '2026-03-01T00:00:00Z', firstWeek);
  await live(database, '2026-03-12T00:00:00Z', secondWeek);
  return database;
}

/** The same rows in another folder, which costs less than to live through it again. */
export async function copyOf({ place }: TestDatabase): Promise<TestDatabase> {
  const database = await createFolder();
  await copyFile(databaseFile(place.data), databaseFile(database.place.data));
  return database;
}

async function live(
  database: TestDatabase,
  start: string,
  week: (world: World) => Promise<void>,
): Promise<void> {
  const world = await createWorld({ database, clock: new FakeClock(start) });
  try {
    await week(world);
  } finally {
    await world.close();
  }
}

async function firstWeek(world: World): Promise<void> {
  const { link, clock } = world;
  const account = await world.account({
    name: 'shop',
    endpoints: { inbound: 'https://shop.example/in', status: 'https://shop.example/status' },
    secret: 'the signing secret',
    credits: 5_000,
  });
  link.answers.push(
    { kind: 'retryable', code: 'link_unavailable', again: 'elsewhere', detail: 'not now' },
    { kind: 'refused', code: 'refused_by_link', detail: 'never' },
  );
  await submitTexts(
    world,
    account,
    Array.from({ length: 230 }, (_, nth) => `Nr. ${nth}: ${'long '.repeat(nth)}`),
  );
  await clock.advance(1_000);
  const accepted = link.sent.filter(({ upstreamId }) => upstreamId !== null);
  for (const part of accepted.slice(0, 50)) {
    await link.receipt('delivered', { part, at: clock.now() });
  }
  await link.reply('+61412000000', 'CompanyABC', 'STOP', clock.now());
  await link.reply('+61412000001', 'CompanyABC', 'yes', clock.now());
}

async function secondWeek(world: World): Promise<void> {
  const { gateway, clock } = world;
  const account = await world.account({ name: 'other', credits: 9 });
  const key = await gateway.signingKeys.create(await account.caller(), { digest: 'SHA256' });
  await gateway.signingKeys.enable(await account.caller(), key.id);
  await submitText(world, account, 'later', clock.now() + 86_400_000);
  await submitText(
    world,
    account,
    'line\nbreak, "quotes", \\, 日本語, \u{1F44D}, \u0001 and \u2028',
  );
  const [linked] = await submitTexts(world, account, ['See https://shop.example/é'], null, {
    shorten: true,
    metadata: [['é', '"quotes"']],
  });
  await gateway.sealedTexts.seal(await account.caller(), {
    text: 'é, "quotes"',
    passphrase: null,
    scheduledAt: null,
    lifeMs: 86_400_000,
    views: 5,
  });
  const visitor = { address: '192.0.2.1', userAgent: 'Mozilla/5.0', looksAhead: false };
  await gateway.shortLinks.follow(linked?.text.slice(-8) ?? '', visitor);
  const [offered] = await gateway.numbers.add([
    {
      number: '+61412345601',
      country: 'AU' as Country,
      type: 'mobile',
      classification: 'gold',
      capabilities: ['sms', 'mms'],
      availableAfter: clock.now(),
    },
  ]);
  if (!offered) throw new Error('no number is offered');
  await gateway.numbers.assign(account.account.id, offered.id, { metadata: { é: '"quotes"' } });
  const { owner } = gateway;
  const price = account.account.pricePerPart;
  await owner.setProduct(account.account.id, { code: 'T', name: 'é', pricePerPart: price });
  await owner.topUp(account.account.id, price, null, 'T');
  await gateway.senderRequests.ask(account.account.id, {
    address: 'Summer Sale',
    countries: ['AU' as Country],
    reason: 'line\nbreak, "quotes"',
  });
  const told = { name: 'é "phone"', sims: [], pushToken: 'a token', version: null };
  const admission = { accountId: account.account.id, credentialId: null };
  const { device } = await gateway.devices.enrol(admission, told);
  await gateway.devices.change(await account.caller(), device.id, { number: '+61491570156' });
  await gateway.devices.enrolment.code(await account.caller(), 86_400_000);
  const queued = outgoingPart({ messageId: linked?.id ?? '' });
  await gateway.devices.take({ ...queued, accountId: account.account.id }, 'test' as LinkId);
  await gateway.allow('something', { most: 3, windowMs: 86_400_000 });
  const rows = new Fixtures();
  const file = rows.archiveFile({ state: 'kept', lockedBy: null, accounts: { é: 2 } });
  await world.storage.write(async (tx) => {
    await tx.archive.begin(file);
    await usersIn(tx, rows, account.account.id);
    const digests = ['é', '"'];
    await tx.gatherings.insert([rows.gathering(account.account.id, { doneAt: 1, digests })]);
    await audienceIn(tx, new AudienceRows(rows, account.account.id), account.account.id);
  });
  await gateway.shortLinks.own.create(await account.caller(), {
    url: 'https://shop.example/é',
    title: 'é "sale"',
    advanced: true,
    endpointId: null,
  });
  await gateway.receipt({
    linkId: 'test' as LinkId,
    upstreamId: 'of a part that nobody knows',
    status: 'delivered',
    detail: null,
    numbers: ['61412345678'],
    at: clock.now(),
  });
  await gateway.segment({
    linkId: 'test' as LinkId,
    from: '+61412345678' as E164,
    to: '61400000000',
    reference: 7,
    number: 1,
    total: 2,
    alphabet: 'gsm7',
    octets: 'SGVsbG8=',
    at: clock.now(),
  });
  await gateway.gather(
    { accountId: account.account.id, key: '["é",7]', total: 2, number: 1, content: { of: 'it' } },
    () => {},
  );
  await gateway.submit({
    caller: await account.caller(),
    messages: [],
    idempotency: { key: 'order 7', fingerprint: 'f', answer: () => '{"empty":true}' },
  });
  const { campaigns } = gateway;
  const { id: campaign } = await campaigns.create(await account.caller(), {
    name: 'é',
    sender: 'CompanyABC',
    text: 'Hello {{name}}',
    tags: ['"quotes"'],
  });
  const list = Readable.from([Buffer.from('to,name\n0412345678,"é\n日本"\n,nobody\n')]);
  await campaigns.import(await account.caller(), campaign, list);
  const now = clock.now();
  await world.storage.write(async (tx) => {
    const [notification] = await tx.notifications.claim({
      nodeId: world.dispatcher.nodeId,
      now,
      leaseUntil: now + 1,
      limit: 1,
      except: [],
    });
    if (!notification) throw new Error('nothing is to be told');
    const { id: notificationId } = notification;
    const attempt = {
      notificationId,
      number: 1,
      at: now,
      durationMs: 12,
      status: 500,
      detail: 'é',
    };
    const tried = { ...notification, attempts: 1 };
    await tx.notifications.finish([{ notification: tried, attempt, claimed: notification }]);
  });
}

/** A database as a move takes it. */
export interface OpenedPlace {
  engine: Engine;
  name: string;
  setCounter: SetCounter;
}

export function openPlace({ data, storage }: StoragePlace): OpenedPlace {
  return storage === ''
    ? { engine: openSqliteEngine(data), name: data, setCounter: counterFollows }
    : {
        engine: openPostgresEngine(storage),
        name: placeName(storage),
        setCounter: counterIsSequence,
      };
}

type RawValue = string | number | bigint | null;

/** Runs a statement past all of our own code. Values come as texts, and null. */
export async function rawQuery(
  { data, storage }: StoragePlace,
  statement: string,
): Promise<(string | null)[][]> {
  if (storage === '') {
    const db = new DatabaseSync(databaseFile(data));
    try {
      const rows = db.prepare(statement, { returnArrays: true }).all() as unknown as RawValue[][];
      return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
    } finally {
      db.close();
    }
  }
  const client = new Client({ connectionString: storage });
  await client.connect();
  try {
    const { rows } = await client.query<RawValue[]>({ text: statement, rowMode: 'array' });
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  } finally {
    await client.end();
  }
}

/** The tables of a folder's database whose rows belong to the installation, with their columns. */
export async function tablesOf(folder: StoragePlace): Promise<Map<string, string[]>> {
  const own = ['schema_versions', 'installation', 'move_progress', 'nodes', 'link_holders'];
  const rows = await rawQuery(
    folder,
    `select m.name, c.name from sqlite_master m, pragma_table_xinfo(m.name) c
     where m.type = 'table' and m.name not like 'sqlite_%' order by 1, 2`,
  );
  const tables = new Map<string, string[]>();
  for (const [table, column] of rows as [string, string][]) {
    if (!own.includes(table)) tables.set(table, [...(tables.get(table) ?? []), column]);
  }
  return tables;
}

/** All rows of some tables, in an order that both engines agree on. */
export async function allRows(
  place: StoragePlace,
  tables: ReadonlyMap<string, readonly string[]>,
): Promise<Record<string, (string | null)[][]>> {
  const all: Record<string, (string | null)[][]> = {};
  for (const [table, columns] of tables) {
    const list = columns.map((column) => `"${column}"`).join(', ');
    const rows = await rawQuery(place, `select ${list} from ${table}`);
    all[table] = rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return all;
}

async function usersIn(tx: Tx, rows: Fixtures, accountId: AccountId): Promise<void> {
  const user = rows.user(accountId, { name: 'é "quotes"' });
  await tx.users.insert(user);
  await tx.users.insertToken(rows.userToken(user.id));
  await tx.users.insertSession(rows.userSession(user.id));
  await tx.mails.insert(rows.mail());
}

/** Those who are written to, and what they are written. */
async function audienceIn(tx: Tx, made: AudienceRows, accountId: AccountId): Promise<void> {
  const [contact, group] = [made.contact(), made.group()];
  const known = { kind: 'email', value: 'é@shop.example' } as const;
  await tx.scopedOptouts.add([made.scopedOptout()]);
  await tx.templates.insert(made.template());
  await tx.templates.blocks.put([made.block()]);
  await tx.verifications.insert(made.verification());
  await tx.contacts.insert([contact]);
  await tx.contacts.addIdentifiers([{ accountId, contactId: contact.id, ...known }]);
  await tx.contacts.insertGroup(group);
  const member = { groupId: group.id, contactId: contact.id, status: 'in', changedAt: 1 } as const;
  await tx.contacts.join([member]);
  await tx.contacts.insertImport(made.contactImport());
}
