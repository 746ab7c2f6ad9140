import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { everythingStored } from '../../../test/support/everything-stored.ts';
import type { TestDatabase } from '../../../test/support/storage.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { Verification } from './verification.ts';
import type { VerificationWish } from './verifications.ts';

let database: TestDatabase;
let world: World;
let account: WorldAccount;
beforeEach(async () => {
  database = await createTestDatabase();
  world = await createWorld({ database });
  account = await world.account();
});
afterEach(async () => {
  await world.close();
  await database.drop();
});

const verifications = () => world.gateway.verifications;
const wish: VerificationWish = {
  to: '0412345678',
  sender: 'CompanyABC',
  words: { before: 'Your code is ', behind: '. Tell nobody.' },
};

/** Sends one, and reads the code from what the handset got. */
async function send(
  over: Partial<VerificationWish> = {},
  of = account,
): Promise<{ verification: Verification; code: string; text: string }> {
  const before = world.link.sent.length;
  const sent = await verifications().send(await of.caller(), { ...wish, ...over });
  if (!sent.ok) throw new Error(sent.error.detail);
  await waitUntil('the code is sent', () => world.link.sent.length > before);
  const text = world.link.sent.at(-1)?.text ?? '';
  const code = /[A-Z0-9]{4,}/.exec(text)?.[0] ?? '';
  return { verification: sent.verification, code, text };
}
const check = async (id: string, code: string, of = account) =>
  verifications().check(await of.caller(), id, code);
const stateOf = async (id: string) => {
  const found = await verifications().find(await account.caller(), id);
  return found && [found.verification.status, found.isExpired];
};
/** Another code than this one. */
const wrong = (code: string): string => (code.startsWith('0') ? '1' : '0') + code.slice(1);

it('sends a code of six digits as a message of the account, and takes it once', async () => {
  const { verification, code, text } = await send();
  expect(text).toMatch(/^Your code is \d{6}\. Tell nobody\.$/);
  expect(await account.credits()).toBe(999);
  expect(verification.expiresAt - verification.createdAt).toBe(120_000);
  expect(await stateOf(verification.id)).toEqual(['sent', false]);
  expect(await check(verification.id, wrong(code))).toBe('invalid');
  expect(await check(verification.id, code)).toBe('success');
  expect(await check(verification.id, code)).toBe('done before');
  expect(await stateOf(verification.id)).toEqual(['success', false]);
});

it('keeps the code nowhere', async () => {
  const { verification, code } = await send({ code: 'KX93QZ77' });
  expect(code).toBe('KX93QZ77');
  const [message] = await world.gateway.findMessages(await account.caller(), [
    verification.messageId,
  ]);
  expect(message?.text).toBe('Your code is ');
  await world.clock.settle();
  const stored = await everythingStored(database);
  expect(stored).toContain('Your code is ');
  expect(stored).not.toContain('KX93QZ77');
  expect(world.log.lines.join()).not.toContain('KX93QZ77');
});

it.each([4, 6, 10])('has codes of %i digits', async (length) => {
  const { code } = await send({ length });
  expect(code).toMatch(new RegExp(`^\\d{${length}}$`));
});

it('can begin with its code', async () => {
  const { verification, code, text } = await send({ words: { before: '', behind: ' is it' } });
  expect(text).toBe(`${code} is it`);
  expect(await check(verification.id, code)).toBe('success');
});

it.each<[string, Partial<VerificationWish>]>([
  ['length', { length: 3 }],
  ['length', { length: 11 }],
  ['length', { length: 5.5 }],
  ['timeout', { lifeMs: 0 }],
  ['timeout', { lifeMs: 86_400_001 }],
  ['token', { code: '123' }],
  ['token', { code: '12345678901' }],
  ['token', { code: '1234', length: 6 }],
  ['token', { code: '12 456' }],
  ['template', { words: { before: 'x'.repeat(1_001), behind: '' } }],
  ['template', { words: { before: 'x', behind: '\ud800' } }],
])('refuses a wish for its %s: %j', async (field, over) => {
  await expect(send(over)).rejects.toMatchObject({ code: 'invalid_request', field });
  expect(world.link.sent).toEqual([]);
});

it.each<[string, Partial<VerificationWish>, string]>([
  ['no number', { to: 'nobody' }, 'number_invalid'],
  ['a foreign number', { to: '+6421234567' }, 'country_not_allowed'],
  ['an unknown sender', { sender: 'Nobody' }, 'sender_not_allowed'],
])('leaves nothing of one to %s', async (_what, over, code) => {
  const sent = await verifications().send(await account.caller(), { ...wish, ...over });
  expect(sent).toMatchObject({ ok: false, error: { code } });
  expect(await account.credits()).toBe(1000);
});

it('leaves nothing of one that cannot be paid', async () => {
  const poor = await world.account({ credits: 0 });
  await expect(send({}, poor)).rejects.toMatchObject({ code: 'insufficient_credit' });
  const stored = await everythingStored(database);
  expect(stored).not.toContain('Your code is');
});

it('expires on time, and not a moment before', async () => {
  const { verification, code } = await send({ lifeMs: 5_000 });
  const late = await send({ lifeMs: 5_000 });
  await world.clock.advance(4_999);
  expect(await check(verification.id, code)).toBe('success');
  await world.clock.advance(1);
  expect(await check(late.verification.id, late.code)).toBe('expired');
  expect(await stateOf(late.verification.id)).toEqual(['sent', true]);
  expect(await stateOf(verification.id)).toEqual(['success', false]);
});

it('takes five wrong codes, and then not even the right one', async () => {
  const { verification, code } = await send();
  for (let attempt = 1; attempt <= 5; attempt++) {
    expect(await check(verification.id, wrong(code))).toBe('invalid');
  }
  expect(await check(verification.id, code)).toBe('invalid');
  expect(await stateOf(verification.id)).toEqual(['failed', false]);
});

it('takes no more wrong codes from many at once', async () => {
  const { verification, code } = await send();
  const checks = await Promise.all(
    Array.from({ length: 20 }, () => check(verification.id, wrong(code))),
  );
  expect(new Set(checks)).toEqual(new Set(['invalid']));
  expect(await check(verification.id, code)).toBe('invalid');
});

it('is taken once of many that come at once', async () => {
  const { verification, code } = await send();
  const checks = await Promise.all(Array.from({ length: 5 }, () => check(verification.id, code)));
  expect(checks.filter((one) => one === 'success')).toHaveLength(1);
  expect(checks.filter((one) => one === 'done before')).toHaveLength(4);
});

describe('cancelling', () => {
  it('ends one that waits', async () => {
    const { verification, code } = await send();
    const cancel = async (of = account) =>
      verifications().cancel(await of.caller(), verification.id);
    expect(await cancel(await world.account())).toBe(false);
    expect(await cancel()).toBe(true);
    expect(await cancel()).toBe(false);
    expect(await check(verification.id, code)).toBe('unknown');
    expect(await stateOf(verification.id)).toEqual(['cancelled', false]);
  });

  it('leaves one alone that has ended', async () => {
    const { verification, code } = await send();
    await check(verification.id, code);
    expect(await verifications().cancel(await account.caller(), verification.id)).toBe(false);
    expect(await stateOf(verification.id)).toEqual(['success', false]);
  });
});

it('belongs to its account', async () => {
  const other = await world.account();
  const { verification, code } = await send();
  expect(await check(verification.id, code, other)).toBe('unknown');
  expect(await check('no id at all', code)).toBe('unknown');
  expect(await verifications().find(await other.caller(), verification.id)).toBeUndefined();
});

it('is no repetition of the one before', async () => {
  account = await world.account({ duplicateWindowMs: 60_000 });
  const first = await send();
  const second = await send();
  expect(await check(second.verification.id, second.code)).toBe('success');
  expect(await check(first.verification.id, first.code)).toBe('success');
});

it('is not sent to who has opted out', async () => {
  const caller = await account.caller();
  await world.gateway.optOut(caller, '+61412345678' as E164);
  expect(await verifications().send(caller, wish)).toMatchObject({
    ok: false,
    error: { code: 'recipient_opted_out' },
  });
});
