import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Country } from '../../text/phone-number.ts';
import type { SenderRequestId } from '../ids.ts';
import type { SenderRequest } from './sender-request.ts';
import { senderKey } from './sender.ts';

const handset = '+61412345678';

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld();
  account = await world.account();
});
afterEach(() => world.close());

const requests = () => world.gateway.senderRequests;
const addresses = async (of = account): Promise<string[]> =>
  (await world.gateway.senders.list(of.account.id)).map(({ address }) => address);

/** Asks for a handset's number by a code of six digits, and reads what the handset got. */
async function prove(
  more: { renews?: boolean; address?: string; of?: WorldAccount; lifeMs?: number } = {},
): Promise<{ request: SenderRequest; code: string }> {
  const { address = handset, of = account, renews = false, lifeMs = 10_000 } = more;
  const before = world.link.sent.length;
  const asked = await requests().prove(
    await of.caller(),
    { address, label: 'desk', countries: ['AU'] as Country[], reason: 'mine' },
    { proof: 'code', lifeMs, words: (code) => `Your code is ${code}`, renews },
  );
  if (!asked.ok) throw new Error(asked.error.detail);
  await waitUntil('the code is sent', () => world.link.sent.length > before);
  const text = world.link.sent.at(-1)?.text ?? '';
  return { request: asked.request, code: /^Your code is (\d{6})$/.exec(text)?.[1] ?? text };
}
const confirm = (id: SenderRequestId, code: string, of = account) =>
  requests().confirmCode(of.account.id, id, code);
/** Another code than this one. */
const wrong = (code: string): string => (code === '000000' ? '000001' : '000000');

describe('a name', () => {
  const ask = (address: string, of = account) =>
    requests().ask(of.account.id, { address, reason: 'ours', countries: ['AU'] as Country[] });

  it('is a sender once the owner says so', async () => {
    const request = await ask('Summer Sale');
    expect(request).toMatchObject({ kind: 'alphanumeric', status: 'open', proof: null });
    expect(await addresses()).not.toContain('Summer Sale');
    expect((await account.caller()).view.senders.has('summer sale')).toBe(false);

    const decided = await requests().decide(request.id, 'approved');
    expect(decided.status).toBe('approved');
    expect((await account.caller()).view.senders.get('summer sale')).toMatchObject({
      address: 'Summer Sale',
      kind: 'alphanumeric',
      reason: 'ours',
      countries: ['AU'],
      expiresAt: null,
    });
    expect(await requests().find(account.account.id, request.id)).toEqual(decided);
  });

  it('may be asked for again when it was rejected, and not before', async () => {
    const { id } = await ask('Winter');
    await expect(ask('WINTER')).rejects.toMatchObject({ code: 'already_exists' });
    await requests().decide(id, 'rejected');
    expect(await addresses()).not.toContain('Winter');
    await requests().decide((await ask('Winter')).id, 'approved');
    await expect(ask('winter')).rejects.toMatchObject({
      code: 'already_exists',
      detail: 'winter is a sender of this account already.',
    });
  });

  it.each(['', 'TwelveLetters', 'Grüße', ' Sale'])('is not %j', async (address) => {
    await expect(ask(address)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('is decided once, by one of two who decide at the same time', async () => {
    const { id } = await ask('Winter');
    const came = await Promise.allSettled([
      requests().decide(id, 'approved'),
      requests().decide(id, 'approved'),
    ]);
    expect(came.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(requests().decide('x' as SenderRequestId, 'rejected')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('is one of two hundred at most; what has ended makes room', async () => {
    const { id } = account.account;
    const first = await ask('first');
    await requests().decide(first.id, 'rejected');
    await Promise.all(Array.from({ length: 199 }, (_, n) => ask(`n${n}`)));
    expect(await requests().find(id, first.id)).toMatchObject({ status: 'rejected' });
    await ask('the last');
    expect(await requests().find(id, first.id)).toBeUndefined();
    await expect(ask('one more')).rejects.toMatchObject({
      detail: 'The account has 200 requests that are not decided yet.',
    });
    await ask('of another', await world.account());
  });
});

describe('an own number', () => {
  it('is a sender for so long as was said, once its code comes back', async () => {
    const { request, code } = await prove();
    expect(request).toMatchObject({ kind: 'own', status: 'pending', address: handset });
    expect(world.link.sent).toMatchObject([{ destination: handset, sender: 'CompanyABC' }]);
    expect(await account.credits()).toBe(1000);
    expect(await addresses()).not.toContain(handset);
    expect(
      JSON.stringify(await world.storage.read.senderRequests.list({ limit: 9, offset: 0 })),
    ).not.toContain(code);

    const confirmed = await confirm(request.id, code);
    expect(confirmed).toMatchObject({ ok: true, request: { id: request.id, status: 'approved' } });
    // Again and again for the same code.
    expect(await confirm(request.id, code)).toEqual(confirmed);
    const sender = (await account.caller()).view.senders.get(senderKey(handset));
    expect(sender).toMatchObject({
      kind: 'own',
      label: 'desk',
      reason: 'mine',
      expiresAt: world.clock.now() + 10_000,
    });
  });

  it('is not shown any more when its time is over, until it is proven again', async () => {
    const { request, code } = await prove();
    await confirm(request.id, code);
    const mayShow = async () => (await account.caller()).view.senders.has(senderKey(handset));
    await world.clock.advance(8_000);
    expect(await mayShow()).toBe(true);
    await world.clock.advance(3_000);
    expect(await mayShow()).toBe(false);
    expect(await addresses()).toContain(handset);
    const [before] = (await world.gateway.senders.list(account.account.id)).filter(
      ({ kind }) => kind === 'own',
    );

    const again = await prove({ renews: true });
    await confirm(again.request.id, again.code);
    expect(await mayShow()).toBe(true);
    const [after] = (await world.gateway.senders.list(account.account.id)).filter(
      ({ kind }) => kind === 'own',
    );
    expect(after).toMatchObject({ id: before?.id, expiresAt: world.clock.now() + 10_000 });
  });

  it('takes five wrong codes, and no more', async () => {
    const { request, code } = await prove();
    for (let n = 0; n < 5; n++) {
      expect(await confirm(request.id, wrong(code))).toEqual({ ok: false, why: 'wrong' });
    }
    expect(await confirm(request.id, code)).toEqual({ ok: false, why: 'spent' });
    expect(await addresses()).not.toContain(handset);
    // A new code is a new request.
    const again = await prove();
    expect(await confirm(request.id, code)).toBeUndefined();
    expect(await confirm(again.request.id, again.code)).toMatchObject({ ok: true });
  });

  it('counts guesses that come at the same time', async () => {
    const { request, code } = await prove();
    const guesses = await Promise.all(
      Array.from({ length: 12 }, () => confirm(request.id, wrong(code))),
    );
    expect(guesses.filter((one) => one?.ok === false && one.why === 'wrong')).toHaveLength(5);
  });

  it('must be proven within the hour', async () => {
    const database = await createTestDatabase();
    const at = async (start: string): Promise<void> => {
      await world.close();
      world = await createWorld({ database, clock: new FakeClock(start) });
    };
    try {
      await at('2026-03-01T00:00:00Z');
      account = await world.account();
      const { request, code } = await prove();
      await at('2026-03-01T01:00:01Z');
      expect(await confirm(request.id, code)).toEqual({ ok: false, why: 'spent' });
    } finally {
      await world.close();
      await database.drop();
      world = await createWorld();
    }
  });

  it('is proven by its own account alone, by its own request alone', async () => {
    const other = await world.account();
    const mine = await prove();
    const theirs = await prove({ address: '+61412345679', of: other });
    expect(await confirm(mine.request.id, mine.code, other)).toBeUndefined();
    expect(await requests().find(other.account.id, mine.request.id)).toBeUndefined();
    if (mine.code !== theirs.code) {
      expect(await confirm(mine.request.id, theirs.code)).toMatchObject({ ok: false });
    }
    // The page that takes links takes no digits.
    expect(await requests().confirmLink(`${mine.request.id} ${mine.code}`)).toBeUndefined();
    expect(await requests().confirmLink(mine.code)).toBeUndefined();
  });

  it('may be refused by the owner, not approved by him', async () => {
    const { request, code } = await prove();
    await expect(requests().decide(request.id, 'approved')).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await requests().decide(request.id, 'rejected');
    expect(await confirm(request.id, code)).toEqual({ ok: false, why: 'spent' });
  });

  it('is no longer confirmed by its code once it was given up', async () => {
    const { request, code } = await prove();
    await confirm(request.id, code);
    await world.gateway.senders.remove(account.account.id, handset);
    expect(await confirm(request.id, code)).toEqual({ ok: false, why: 'spent' });
    expect(await addresses()).not.toContain(handset);
  });

  it('cannot be one that another account holds as its own', async () => {
    const other = await world.account({ senders: [{ address: handset, kind: 'dedicated' }] });
    await expect(prove()).rejects.toMatchObject({
      code: 'already_exists',
      detail: `'${handset}' cannot be registered.`,
    });
    expect(await addresses(other)).toEqual([handset]);
  });

  it('is not asked for again while it holds, unless to renew it', async () => {
    const { request, code } = await prove();
    await confirm(request.id, code);
    await expect(prove()).rejects.toMatchObject({ code: 'already_exists' });
    await prove({ renews: true });
  });
});
