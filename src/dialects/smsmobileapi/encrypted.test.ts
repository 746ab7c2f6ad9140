import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { everythingStored } from '../../../test/support/everything-stored.ts';
import type { TestDatabase } from '../../../test/support/storage.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { ShortCode } from '../../core/links/code.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { Sealed } from '../../core/sealed-texts/sealed-text.ts';
import { Client, goodMessage } from './testkit/client.ts';

let database: TestDatabase;
let world: World;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createWorld({ database });
});
afterAll(async () => {
  await world.close();
  await database.drop();
});
beforeEach(async () => {
  const account = await world.account({
    dialect: 'smsmobileapi',
    kind: 'api_key',
    endpoints: { events: 'https://client.example/events' },
    settings: { encryptedViews: 2, encryptedDays: 1 },
  });
  client = new Client(world, account);
});

const secretText = 'The door code is 4711-quokka, Grüße 👋';
const encrypted = { ...goodMessage, message: secretText, encrypt_message: 'yes' };

/** What went out to the handset. */
async function delivered(): Promise<{ text: string; url: string; code: string; key: string }> {
  await world.clock.advance(10);
  const text = world.link.sent.at(-1)?.wholeText ?? '';
  const [url = '', code = '', key = ''] =
    /https:\/\/sms\.example\/e\/(\w{8})(?:#([\w-]{22}))?$/.exec(text) ?? [];
  return { text, url, code, key };
}

const open = async (code: string) =>
  world.inject({ method: 'POST', url: `/e/${code}`, headers: { origin: 'https://sms.example' } });

function decrypt(sealed: Sealed, key: Buffer, code: string): string {
  const data = Buffer.from(sealed.data, 'base64url');
  const decipher = createDecipheriv('aes-128-gcm', key, Buffer.from(sealed.iv, 'base64url'));
  decipher.setAAD(Buffer.from(code));
  decipher.setAuthTag(data.subarray(-16));
  return decipher.update(data.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8');
}

it('gives the handset a link, behind which who has all of it reads the text', async () => {
  const { result } = await client.post('/sendsms/', encrypted);
  expect(result).toMatchObject({ error: 0, sent: '1', encrypted: { status: '1' } });
  const { text, url, code, key } = await delivered();
  expect(text).toBe(`You have an encrypted message: ${url}`);
  const answer = await open(code);
  expect(answer.statusCode).toBe(200);
  const sealed = answer.json<Sealed>();
  expect(Object.keys(sealed)).toEqual(['v', 'alg', 'kdf', 'iv', 'data']);
  expect(decrypt(sealed, Buffer.from(key, 'base64url'), code)).toBe(secretText);
});

it('leaves nothing of the text in the database, the log, an answer or an event, and of the key nothing either', async () => {
  const guid = String((await client.post('/sendsms/', encrypted)).result['id']);
  const { url, key } = await delivered();
  const [row] = (await client.get('/log/sent/sms/', { guid_message: guid })).sms;
  expect(row?.['sms']).toBe(`You have an encrypted message: ${url.slice(0, url.indexOf('#'))}`);
  const { sms } = await client.get('/log/sent/frommobile/');
  const stored = await everythingStored(database);
  expect(stored).toContain('You have an encrypted message');
  for (const hidden of ['4711-quokka', key, Buffer.from(secretText).toString('base64')]) {
    expect(stored.includes(hidden), `stored: ${hidden}`).toBe(false);
    expect(world.log.lines.join('\n')).not.toContain(hidden);
    expect(JSON.stringify([row, sms])).not.toContain(hidden);
  }
});

it('leaves nothing of a text that could not be sent', async () => {
  const poor = new Client(
    world,
    await world.account({ dialect: 'smsmobileapi', kind: 'api_key', credits: 0 }),
  );
  for (const changes of [{}, { recipients: 'nobody' }, { recipients: '+32495898697' }]) {
    const { result } = await poor.post('/sendsms/', { ...encrypted, ...changes });
    expect(result).toMatchObject({ sent: 'no', encrypted: { status: '0' } });
  }
  expect(await database.query("select code from sealed_texts where account_id = 'x'")).toEqual([]);
  const { id } = poor.account.account;
  expect(await database.query(`select code from sealed_texts where account_id = '${id}'`)).toEqual(
    [],
  );
  expect(await everythingStored(database)).not.toContain('4711-quokka');
});

it('keeps the key of one that is scheduled sealed, and it is gone once it was sent', async () => {
  const later = String(Math.floor(world.clock.now() / 1000) + 60);
  await client.post('/sendsms/', { ...encrypted, schedule_timestamp: later });
  const { id } = client.account.account;
  const secrets = () =>
    database.query<{ secret: string | null }>(
      `select secret from messages where account_id = '${id}'`,
    );
  const [waiting] = await secrets();
  expect(waiting?.secret).toMatch(/^v1\./);
  await world.clock.advance(61_000);
  const { key } = await delivered();
  expect(key).toHaveLength(22);
  expect(waiting?.secret).not.toContain(key);
  expect(await secrets()).toEqual([{ secret: null }]);
});

it('asks for the passphrase that was agreed, which stands nowhere', async () => {
  await client.post('/sendsms/', { ...encrypted, encrypt_passphrase: 'Schlüssel zum Schloß' });
  const { url, code, key } = await delivered();
  expect(key).toBe('');
  expect(url.endsWith(code)).toBe(true);
  const sealed = (await open(code)).json<Sealed>();
  const { kdf } = sealed;
  expect(kdf).toMatchObject({ name: 'PBKDF2', hash: 'SHA-256', iterations: 600_000 });
  const salt = Buffer.from(kdf?.salt ?? '', 'base64url');
  const derived = pbkdf2Sync('Schlüssel zum Schloß', salt, 600_000, 16, 'sha256');
  expect(decrypt(sealed, derived, code)).toBe(secretText);
  expect(() => decrypt(sealed, derived, 'another1')).toThrow();
  expect(await everythingStored(database)).not.toContain('Schloß');
});

it('can be opened so often, and so long', async () => {
  await client.post('/sendsms/', encrypted);
  const { code } = await delivered();
  expect((await open(code)).statusCode).toBe(200);
  expect((await open(code)).statusCode).toBe(200);
  expect((await open(code)).statusCode).toBe(404);
  expect(await database.query(`select code from sealed_texts where code = '${code}'`)).toEqual([]);

  await client.post('/sendsms/', encrypted);
  const second = await delivered();
  const cut = { now: world.clock.now() + 86_400_001 };
  expect(
    await world.storage.write((tx) => tx.sealedTexts.open(second.code as never, cut.now)),
  ).toBeUndefined();
});

it('can be read for as long from when it is sent, however late that is', async () => {
  const day = 86_400_000;
  const later = String(Math.floor((world.clock.now() + 40 * day) / 1000));
  await client.post('/sendsms/', { ...encrypted, schedule_timestamp: later });
  const stored = await database.query<{ code: string }>(
    `select code from sealed_texts where account_id = '${client.account.account.id}'`,
  );
  const views = (at: number) =>
    world.storage.write((tx) => tx.sealedTexts.open(stored[0]?.code as ShortCode, at));
  expect(await views(world.clock.now() + 40.9 * day)).toBeDefined();
  expect(await views(world.clock.now() + 41 * day)).toBeUndefined();
});

it('is erased with its message', async () => {
  const start = new Date(world.clock.now()).toISOString();
  const guids = [];
  const codes: string[] = [];
  for (let count = 0; count < 3; count++) {
    guids.push(String((await client.post('/sendsms/', encrypted)).result['id']));
    codes.push((await delivered()).code);
  }
  const [guid_message = ''] = guids;
  expect((await client.get('/deletesms/', { guid_message })).result['count_delete']).toBe(1);
  const statuses = async () =>
    Promise.all(codes.map(async (code) => (await open(code)).statusCode));
  expect(await statuses()).toEqual([404, 200, 200]);
  const rest = await client.get('/deletesms/', { date_start: start });
  expect(rest.result['count_delete']).toBe(2);
  expect(await statuses()).toEqual([404, 404, 404]);
});

it('is not sent twice to an account that is guarded against it', async () => {
  const wish = { dialect: 'smsmobileapi', kind: 'api_key', duplicateWindowMs: 60_000 } as const;
  const guarded = new Client(world, await world.account({ ...wish, credits: 6 }));
  const sent = async (changes: Record<string, string> = {}) =>
    (await guarded.post('/sendsms/', { ...encrypted, ...changes })).result['sent'];
  expect(await Promise.all([sent(), sent()])).toEqual(expect.arrayContaining(['1', 'no']));
  const again = (await guarded.post('/sendsms/', { ...encrypted, recipients: '0491570156' }))
    .result;
  expect(again).toMatchObject({
    sent: 'no',
    error: 'The same message was sent to this recipient a moment ago.',
    encrypted: { status: '0' },
  });
  expect(await sent({ encrypt_passphrase: 'x' })).toBe('1');
  expect(await sent({ recipients: '+61491570157' })).toBe('1');
  // What could not be sent is repeated by nothing.
  const { id } = guarded.account.account;
  const marks = () =>
    database.query("select name from rates where name like 'sealed %' and taken > 0");
  const before = await marks();
  await world.gateway.optOut(await guarded.account.caller(), '+61491570158' as E164);
  for (let times = 0; times < 2; times++) {
    const refused = await guarded.post('/sendsms/', { ...encrypted, recipients: '+61491570158' });
    expect(refused.result['error']).toBe('The recipient has unsubscribed.');
  }
  expect(await marks()).toHaveLength(before.length);
  expect(JSON.stringify(before)).not.toContain(id);
  await world.clock.advance(61_000);
  expect(await sent()).toBe('1');
});

it('does not make URLs of its text short: they would be stored', async () => {
  const message = 'https://private.example/quokka';
  await client.post('/sendsms/', { ...encrypted, message, shorturl: '1' });
  const { text } = await delivered();
  expect(text).toMatch(/^You have an encrypted message: https:\/\/sms\.example\/e\//);
  expect(await everythingStored(database)).not.toContain('private.example');
});
