import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from './testkit/stage.ts';
import { createStage, lines } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
});
afterEach(() => stage.close());

describe('parlance product', () => {
  it('offers one, which messages of its code are paid from', async () => {
    expect(
      await stage.run('product set shop T --name "Transactional SMS" --price 2'),
    ).toMatchObject({
      code: 0,
      out: "'shop' is offered product 'T' at 2.00 credits a part.",
      err: 'Next: `parlance account topup shop <credits> --product T`.',
    });
    expect((await stage.run('account topup shop 5 --product T --note "order 7"')).out).toBe(
      "Product 'T' of 'shop' was given 5.00 credits and has 5.00 now.",
    );
    await stage.did('send shop --to 0412345678 --sender CompanyABC --text hi --product T');
    expect((await stage.run('product list shop')).out).toBe(
      lines(`
        CODE  NAME               PRICE  CREDITS
        T     Transactional SMS   2.00     3.00
      `),
    );
    expect((await stage.did('account show shop')).out).toContain('10.00 credits');
    const ledger = JSON.parse((await stage.did('account ledger shop --json')).raw);
    expect(
      ledger.items.map((one: { product: unknown; amount: number }) => [one.product, one.amount]),
    ).toEqual([
      ['T', -2],
      ['T', 5],
      [null, 10],
    ]);
    expect((await stage.did('doctor')).out).toContain('every balance is the sum of its ledger');
  });

  it('changes its price and keeps its name', async () => {
    await stage.did('product set shop T --name Fast --price 2');
    expect((await stage.run('product set shop T --price 3')).out).toBe(
      "'shop' has product 'T' at 3.00 credits a part now.",
    );
    expect((await stage.run('product list shop')).out).toContain('Fast');
  });

  it('removes it', async () => {
    await stage.did('product set shop T');
    expect((await stage.run('product remove shop T')).out).toBe(
      "'shop' is not offered product 'T' any more: such messages are paid from its own balance.",
    );
    expect((await stage.run('product list shop')).err).toBe(
      "'shop' has no products: all it sends is paid from its own balance.",
    );
    expect(await stage.run('product remove shop T')).toMatchObject({
      code: 1,
      err: expect.stringContaining("no product 'T'"),
    });
  });

  it('says what cannot be taken back', async () => {
    await stage.did('product set shop T', 'account topup shop 1 --product T');
    expect((await stage.run('account topup shop -2 --correction --product T')).err).toContain(
      "Product 'T' of 'shop' has 1.00 credits: no more than that can be taken back.",
    );
    expect((await stage.run('account topup shop 1 --product X')).err).toContain("no product 'X'");
  });
});
