import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Country } from '../../text/phone-number.ts';
import type { Stage } from '../testkit/stage.ts';
import { createStage, lines } from '../testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await stage.did('account create shop', 'account create other');
});
afterEach(() => stage.close());

describe('parlance sender', () => {
  it('adds, lists and removes addresses', async () => {
    expect((await stage.run('sender add shop CompanyABC')).out).toBe(
      "'shop' may send as 'CompanyABC' (alphanumeric).",
    );
    await stage.did(
      'sender add shop 61412345699 --label desk',
      'sender add shop "Mobile MSG" --kind shared',
    );
    expect((await stage.run('sender list shop')).out).toBe(
      lines(`
        ADDRESS      KIND          STATUS  LABEL  CREATED (UTC)
        CompanyABC   alphanumeric  active  -      2026-03-01 00:00:00
        61412345699  dedicated     active  desk   2026-03-01 00:00:00
        Mobile MSG   shared        active  -      2026-03-01 00:00:00
      `),
    );
    expect((await stage.run('sender remove shop +61412345699')).out).toBe(
      "'shop' may no longer send as '+61412345699'.",
    );
    expect(JSON.parse((await stage.run('sender list shop --json')).raw)).toMatchObject({
      items: [{ address: 'CompanyABC' }, { address: 'Mobile MSG', kind: 'shared' }],
      more: false,
    });
  });

  it.each([
    ['sender add shop TwelveLetters', 1, "'TwelveLetters' is no sender: it must be a number of 3"],
    ['sender add shop 61412345600', 1, "Another account holds '61412345600' as its own."],
    ['sender add other +61412345600', 1, "The account has the sender '+61412345600' already."],
    ['sender add shop X --kind own', 2, 'Allowed choices are dedicated, shared, alphanumeric.'],
    ['sender remove shop X', 1, "'shop' has no sender 'X': see `parlance sender list shop`."],
    ['sender add shop', 2, "Missing required argument 'address'."],
  ])('%s is refused', async (line, code, err) => {
    await stage.did('sender add other 61412345600');
    const came = await stage.run(line);
    expect(came).toMatchObject({ code, out: '' });
    expect(came.err).toContain(err);
  });

  it('says when there are none', async () => {
    expect((await stage.run('sender list shop')).err).toBe(
      "'shop' may show no address yet: add one with `parlance sender add shop <address>`.",
    );
  });

  it('shows what was proven too long ago', async () => {
    const { world } = stage;
    const { id } = await world.gateway.owner.accountNamed('shop');
    const sender = await world.gateway.senders.add(id, '61412345699');
    await world.storage.write((tx) =>
      tx.senders.change(sender.id, { changedAt: 1, expiresAt: world.clock.now() }),
    );
    expect((await stage.run('sender list shop')).out).toContain('  expired  ');
  });
});

describe('what accounts ask for', () => {
  const ask = async (account: string, address: string): Promise<string> => {
    const { gateway } = stage.world;
    const { id } = await gateway.owner.accountNamed(account);
    const request = await gateway.senderRequests.ask(id, {
      address,
      countries: ['AU', 'NZ'] as Country[],
      reason: 'It is what we are called.',
    });
    return request.id;
  };

  it('is listed until it is decided', async () => {
    expect((await stage.run('sender requests')).err).toBe('Nothing is to be decided.');
    const first = await ask('shop', 'Summer Sale');
    const second = await ask('other', 'Winter');
    expect((await stage.run('sender requests')).out).toBe(
      lines(`
        ID                                    ACCOUNT  ADDRESS      STATUS  COUNTRIES  REASON                     ASKED (UTC)
        <id>................................  other    Winter       open    AU,NZ      It is what we are called.  2026-03-01 00:00:00
        <id>................................  shop     Summer Sale  open    AU,NZ      It is what we are called.  2026-03-01 00:00:00
      `),
    );
    expect((await stage.run(`sender approve ${first}`)).out).toBe(
      "'shop' may send as 'Summer Sale'.",
    );
    expect((await stage.run('sender list shop')).out).toContain('Summer Sale  alphanumeric');
    expect((await stage.run(`sender reject ${second}`)).out).toBe(
      "'other' may not send as 'Winter'.",
    );
    expect((await stage.run('sender list other')).out).toBe('');
    expect((await stage.run('sender requests')).out).toBe('');
    expect(JSON.parse((await stage.run('sender requests shop --all --json')).raw)).toMatchObject({
      items: [
        { account: 'shop', address: 'Summer Sale', status: 'approved', countries: ['AU', 'NZ'] },
      ],
      more: false,
    });
  });

  it('is decided once', async () => {
    const id = await ask('shop', 'Winter');
    await stage.did(`sender reject ${id}`);
    expect(await stage.run(`sender approve ${id}`)).toMatchObject({
      code: 1,
      err: 'parlance: The request <id>................................ for a name is rejected already.',
    });
    expect(await stage.run('sender approve 019ca6b1-dc00-7000-8000-000000000009')).toMatchObject({
      code: 1,
      err: 'parlance: There is no request <id>.................................',
    });
    expect((await stage.run('sender approve Winter')).code).toBe(2);
    expect((await stage.run('sender requests nobody')).err).toContain(
      "There is no account 'nobody'",
    );
  });
});
