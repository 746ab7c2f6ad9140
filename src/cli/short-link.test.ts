import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShortLink } from '../core/links/short-link.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({ shortLinks: { keepAddresses: true, keepUserAgents: true } });
  await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
});
afterEach(() => stage.close());

const send = (to: string) =>
  stage.did(
    `send shop --to ${to} --sender CompanyABC --text "See https://shop.example/sale now" --shorten`,
  );

async function links(): Promise<ShortLink[]> {
  const { gateway } = stage.world;
  const account = await gateway.owner.findAccount('shop');
  if (!account) throw new Error('there is no shop');
  const caller = await gateway.owner.actAs(account.id);
  return (await gateway.shortLinks.report(caller, {}, { limit: 10, offset: 0 })).links;
}

async function follow({ code }: ShortLink, userAgent: string): Promise<void> {
  const { shortLinks } = stage.world.gateway;
  await shortLinks.follow(code, { address: '192.0.2.7', userAgent, looksAhead: false });
  await shortLinks.writeVisits();
}

describe('parlance short-link', () => {
  it('lists them with what they come to', async () => {
    await send('0412345678');
    await stage.world.clock.advance(1_000);
    await send('0412345679');
    const [young, old] = await links();
    if (!young || !old) throw new Error('there are no links');
    await follow(old, 'Mozilla/5.0');
    await follow(old, 'WhatsApp/2');
    const came = await stage.run('short-link list shop');
    expect(came.out.split('\n')).toEqual([
      'CODE      SENT (UTC)           TO            CLICKS  VIEWS  LEADS TO',
      `${young.code}  2026-03-01 00:00:01  +61412345679       0      0  https://shop.example/sale`,
      `${old.code}  2026-03-01 00:00:00  +61412345678       1      1  https://shop.example/sale`,
    ]);
    expect(came.err).toBe('2 links, 1 of them followed: 1 click, and 1 view by programs.');
    const one = await stage.run('short-link list shop --to 0412345678 --json');
    expect(JSON.parse(one.raw)).toMatchObject({
      items: [
        {
          code: old.code,
          shortUrl: `https://sms.example/s/${old.code}`,
          url: 'https://shop.example/sale',
          to: '+61412345678',
          clicks: 1,
        },
      ],
      more: false,
    });
    expect((await stage.run('short-link list shop --limit 1')).err).toContain(
      'There is more: add --offset 1.',
    );
    expect((await stage.run('short-link list shop --url https://x.example')).err).toBe(
      "'shop' has no such short links.",
    );
  });

  it('shows who followed one, by its code or its URL', async () => {
    await send('0412345678');
    const [link] = await links();
    if (!link) throw new Error('there is no link');
    await follow(link, 'Mozilla/5.0 (a \x1b[31m phone)');
    const came = await stage.run(`short-link show ${link.code}`);
    expect(came.out.split('\n')).toEqual([
      `short link  https://sms.example/s/${link.code}`,
      'account     shop',
      'message     <id>................................',
      'to          +61412345678',
      'leads to    https://shop.example/sale',
      'sent        2026-03-01 00:00:00 UTC',
      'clicks      1',
      'views       0',
      '',
      'TIME (UTC)               WHAT   ADDRESS    WITH',
      '2026-03-01 00:00:00.000  click  192.0.2.7  Mozilla/5.0 (a \\u{1b}[31m phone)',
    ]);
    const same = await stage.run(`short-link show https://sms.example/s/${link.code}/`);
    expect(same.out).toBe(came.out);
    const { raw } = await stage.run(`short-link show ${link.code} --json`);
    expect(JSON.parse(raw)).toMatchObject({
      account: 'shop',
      visits: [{ kind: 'click', at: '2026-03-01T00:00:00.000Z', address: '192.0.2.7' }],
    });
  });

  it('says when there is none', async () => {
    expect((await stage.run('short-link list shop')).err).toBe("'shop' has no short links.");
    for (const code of ['unknown2', 'x', 'https://sms.example/s/']) {
      expect(await stage.run(`short-link show ${code}`)).toMatchObject({
        code: 1,
        err: `parlance: There is no short link '${code}': see \`parlance short-link list <account>\`.`,
      });
    }
  });

  it('leaves texts alone that are sent without it', async () => {
    await stage.did('send shop --to 0412345678 --sender CompanyABC --text "https://shop.example/"');
    expect(await links()).toEqual([]);
  });
});
