import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { E164 } from '../text/phone-number.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage, lines } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
});
afterEach(() => stage.close());

describe('parlance optout', () => {
  it('adds numbers, which are not sent to, and takes back what was scheduled', async () => {
    await stage.did(
      'send shop --to 0412345678 --sender CompanyABC --text hi --at "2026-03-02 00:00:00"',
    );
    const came = await stage.run('optout add shop 0412345678 +61491570156');
    expect(came.out).toBe(
      '+61412345678 is not sent to any more.\n+61491570156 is not sent to any more.',
    );
    expect((await stage.run('optout list shop')).out).toBe(
      lines(`
        NUMBER        SINCE (UTC)          OF          BY
        +61491570156  2026-03-01 00:00:00  everything  the owner
        +61412345678  2026-03-01 00:00:00  everything  the owner
      `),
    );
    expect((await stage.run('message list shop')).out).toContain('cancelled');
    const refused = await stage.run('send shop --to 0412345678 --sender CompanyABC --text hi');
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('Recipient has unsubscribed');
    expect((await stage.run('account list --json')).raw).toContain('"balance": 10');
  });

  it('removes them', async () => {
    await stage.did('optout add shop 0412345678');
    expect((await stage.run('optout remove shop 0412345678')).out).toBe(
      '+61412345678 may be sent to again.',
    );
    expect(await stage.run('optout remove shop 0412345678')).toMatchObject({
      code: 1,
      out: '+61412345678 was not opted out.',
    });
    expect((await stage.run('optout list shop')).err).toBe("'shop' may send to everybody.");
  });

  it('shows what is of a scope alone', async () => {
    const { gateway } = stage.world;
    const { id } = await gateway.owner.accountNamed('shop');
    const caller = await gateway.owner.actAs(id);
    const handset = '+61412345678' as E164;
    await gateway.scopedOptouts.add(caller, handset, { kind: 'tag', value: 'sale' }, 'link');
    expect((await stage.run('optout list shop')).out).toBe(
      lines(`
        NUMBER        SINCE (UTC)          OF        BY
        +61412345678  2026-03-01 00:00:00  tag sale  the handset, by a link
      `),
    );
    expect(JSON.parse((await stage.run('optout list shop --json')).raw)).toMatchObject({
      items: [{ number: handset, scope: { kind: 'tag', value: 'sale' }, source: 'link' }],
    });
  });

  it('says which were there before, and changes nothing when one is no number', async () => {
    await stage.did('optout add shop 0412345678');
    expect(await stage.run('optout add shop 0412345678 0412345679')).toMatchObject({
      code: 0,
      out: '+61412345678 was opted out before.\n+61412345679 is not sent to any more.',
    });
    expect(await stage.run('optout add shop 0412345670 12')).toMatchObject({
      code: 2,
      err: "parlance: '12' is no phone number: write it like +61412345678, or as it is dialled in AU.",
    });
    expect((await stage.run('optout list shop --json')).raw).not.toContain('+61412345670');
  });
});
