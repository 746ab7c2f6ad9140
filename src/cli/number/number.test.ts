import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from '../testkit/stage.ts';
import { createStage, lines } from '../testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await stage.did('account create shop', 'account create other');
});
afterEach(() => stage.close());

describe('parlance number', () => {
  it('offers numbers, gives them to accounts, and takes them back', async () => {
    expect((await stage.run('number list')).err).toContain('No number is offered: add some with');
    expect((await stage.run('number add +61412345601 "+61 2 9123 4567"')).out).toBe(
      lines(`
        +61412345601 is offered (mobile, AU).
        +61291234567 is offered (landline, AU).
        2 numbers in all.
      `),
    );
    await stage.did(
      'number add 61488888888 --classification gold --carries sms,mms --from 2026-04-01T00:00:00Z',
      'number add 19770 --country NZ',
      'number add +12025550123 --type hosted-ten-dlc',
      'number assign shop 61412345601 --label desk',
    );
    expect((await stage.run('number list')).out).toBe(
      lines(`
        NUMBER        COUNTRY  TYPE            CLASS   CARRIES  FREE FROM (UTC)      ACCOUNT
        +61412345601  AU       mobile          bronze  sms      2026-03-01 00:00:00  shop
        +61291234567  AU       landline        bronze  sms      2026-03-01 00:00:00  -
        +61488888888  AU       mobile          gold    sms,mms  2026-04-01 00:00:00  -
        19770         NZ       short-code      bronze  sms      2026-03-01 00:00:00  -
        +12025550123  US       hosted-ten-dlc  bronze  sms      2026-03-01 00:00:00  -
      `),
    );
    expect((await stage.run('sender list shop')).out).toContain(
      '+61412345601  dedicated  active  desk',
    );
    expect((await stage.run('number release +61412345601')).out).toBe(
      "'shop' may no longer send as '+61412345601'; it is free again.",
    );
    expect((await stage.run('sender list shop')).out).toBe('');
    expect((await stage.run('number remove +61412345601')).out).toBe(
      '+61412345601 is offered no more.',
    );
    expect(JSON.parse((await stage.run('number list --limit 1 --json')).raw)).toMatchObject({
      items: [{ number: '+61291234567', capabilities: ['sms'], account: null }],
      more: true,
    });
  });

  it('knows whose a number is that an account had before it was offered', async () => {
    await stage.did('sender add other 61412345601', 'number add 61412345601');
    expect((await stage.run('number list')).out).toContain('2026-03-01 00:00:00  other');
  });

  it.each([
    ['number add 0412345678', 2, "'0412345678' is no number: write it in international form"],
    ['number add 19770', 2, "'19770' is no number"],
    ['number add +61412345601 12', 2, "'12' is no number"],
    ['number add +61412345601', 1, 'The number +61412345601 is offered already.'],
    ['number add +61412345609 --carries fax', 2, 'It must be of sms, mms, voice'],
    ['number add +61412345609 --type fixed', 2, 'Allowed choices are mobile, landline,'],
    ['number assign shop +61412345602', 1, "The pool has no number '+61412345602'"],
    ['number assign nobody +61412345601', 1, "There is no account 'nobody'"],
    ['number assign shop +61412345601', 1, "Another account holds '+61412345601' as its own."],
    ['number assign other +61412345601', 1, "The account has the sender '+61412345601' already."],
    ['number assign shop +61488888888', 1, 'The number +61488888888 is not free yet.'],
    ['number release +61488888888', 1, 'The number +61488888888 is free already.'],
    [
      'number remove +61412345601',
      1,
      'take it back first with `parlance number release +61412345601`.',
    ],
    ['number remove', 2, "Missing required argument 'number'."],
  ])('%s is refused', async (line, code, err) => {
    await stage.did(
      'number add +61412345601',
      'number assign other +61412345601',
      'number add +61488888888 --from 2026-04-01T00:00:00Z',
    );
    const came = await stage.run(line);
    expect(came).toMatchObject({ code, out: '' });
    expect(came.err).toContain(err);
    expect(JSON.parse((await stage.run('number list --json')).raw)).toMatchObject({
      items: [{ account: 'other' }, { account: null }],
    });
  });
});
