import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from './testkit/stage.ts';
import { createStage, idIn, lines } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
});
afterEach(() => stage.close());

const balance = async (): Promise<number> => {
  const { raw } = await stage.did('account show shop --json');
  return (JSON.parse(raw) as { balance: number }).balance;
};

describe('parlance send', () => {
  it('is charged, queued and handed over like any other message', async () => {
    const came = await stage.run('send shop --to 0412345678 --sender companyabc --text "Hi there"');
    expect(came).toMatchObject({
      code: 0,
      out: lines(`
        TO            STATUS  PARTS  PRICE  MESSAGE
        +61412345678  queued      1   1.00  <id>................................
      `),
      err: '1 message queued; a serving process (`parlance serve`) takes it up within a second. Follow it with `parlance message show <id>................................`.',
    });
    expect(await balance()).toBe(9);
    await stage.world.clock.advance(1000);
    expect(stage.world.link.sent).toMatchObject([
      {
        messageId: idIn(came),
        destination: '+61412345678',
        sender: 'CompanyABC',
        text: 'Hi there',
      },
    ]);
  });

  it('sends to several numbers, and ends with 1 when one is refused', async () => {
    const came = await stage.run(
      'send shop --to 0412345678 --to 12 --sender CompanyABC --text Hi --ref order-1',
    );
    expect(came).toMatchObject({
      code: 1,
      out: lines(`
        TO            STATUS   PARTS  PRICE  MESSAGE
        +61412345678  queued       1   1.00  <id>................................
        12            refused      -   0.00  '12' is not a phone number.
      `),
    });
    expect((await stage.run('message list shop --ref order-1 --json')).raw).toContain('"order-1"');
  });

  it('schedules', async () => {
    const came = await stage.run(
      'send shop --to 0412345678 --sender CompanyABC --text Hi --at 2026-03-02T10:00:00+10:00 --json',
    );
    expect(JSON.parse(came.raw)).toMatchObject({
      items: [
        {
          to: '+61412345678',
          status: 'scheduled',
          price: 1,
          scheduledAt: '2026-03-02T00:00:00.000Z',
        },
      ],
    });
    await stage.world.clock.skip(3_600_000);
    expect(stage.world.link.sent).toHaveLength(0);
  });

  it.each([
    ['send shop --to 0412345678 --sender Nobody --text Hi', 1, ''],
    ['send shop --to 0412345678 --sender CompanyABC', 2, "Required option '--text <text>'"],
    ['send shop --sender CompanyABC --text Hi', 2, "Required option '--to <number>'"],
    ['send shop --to 1 --sender a --text Hi --at tomorrow', 2, 'It must be a time such as'],
    ['send shp --to 1 --sender a --text Hi', 1, 'did you mean shop?'],
  ])('%s ends with %d and costs nothing', async (line, code, err) => {
    const came = await stage.run(line);
    expect(came.code).toBe(code);
    expect(came.err).toContain(err);
    expect(await balance()).toBe(10);
  });

  it('says what to do without credit, and when the account is suspended', async () => {
    await stage.did('account topup shop -9.5 --correction');
    const line = 'send shop --to 0412345678 --sender CompanyABC --text Hi';
    expect(await stage.run(line)).toMatchObject({
      code: 1,
      out: '',
      err: 'parlance: Insufficient credits to send the batch of messages. Give the account credit with `parlance account topup`.',
    });
    await stage.did('account suspend shop');
    expect((await stage.run(line)).err).toBe(
      "parlance: 'shop' is suspended: let it send again with `parlance account resume shop`.",
    );
  });
});
