import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from './testkit/stage.ts';
import { createStage, lines } from './testkit/stage.ts';

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
});
