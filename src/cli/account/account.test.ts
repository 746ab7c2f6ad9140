import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from '../testkit/stage.ts';
import { createStage, lines } from '../testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const shown = lines(`
  name              shop
  id                <id>................................
  status            active
  balance           12.50 credits
  price of a part   1.00 credits
  home country      AU
  may send to       AU
  refund            unsent
  duplicate window  none
  short links       where asked for
  created (UTC)     2026-03-01 00:00:00
  it has            0 senders, 0 credentials, 0 webhooks
`);

describe('making and looking at accounts', () => {
  it('makes one with what the configuration says of new accounts', async () => {
    expect(await stage.run('account create shop --credit 12.5')).toMatchObject({
      code: 0,
      out: "Account 'shop' is made, with 12.50 credits.",
      err: 'Next: `parlance credential create shop --dialect <api>`, `parlance sender add shop <address>`.',
    });
    expect((await stage.did('account show shop')).out).toContain(shown);
  });

  it('takes conditions of its own', async () => {
    await stage.did(
      'account create kiwi --home-country nz --allow nz,au --price 0.125 --refund never --duplicate-window 90s',
    );
    expect(JSON.parse((await stage.did('account show kiwi --json')).raw)).toMatchObject({
      name: 'kiwi',
      balance: 0,
      homeCountry: 'NZ',
      allowedCountries: ['NZ', 'AU'],
      pricePerPart: 0.125,
      refund: 'never',
      duplicateWindowSeconds: 90,
      shortenLinks: false,
      settings: {},
      createdAt: '2026-03-01T00:00:00.000Z',
    });
  });

  it('makes its URLs short links where that is said', async () => {
    await stage.did('account create shop --shorten-links yes');
    expect((await stage.did('account show shop')).out).toContain('short links       always');
    await stage.did('account set shop --setting mobilemessage.edition=2026');
    const document = async () =>
      JSON.parse((await stage.did('account show shop --json')).raw) as Record<string, unknown>;
    expect(await document()).toMatchObject({ shortenLinks: true });
    await stage.did('account set shop --shorten-links no');
    expect(await document()).toMatchObject({
      shortenLinks: false,
      settings: { mobilemessage: { edition: '2026' } },
    });
  });

  it('lists them by name, page by page', async () => {
    await stage.did(
      'account create b --credit 1000',
      'account create a --price 2.125',
      'account create c',
      'account suspend c',
    );
    expect((await stage.run('account list')).out).toBe(
      lines(`
        NAME  STATUS     BALANCE  PRICE  SENDS TO  CREATED (UTC)
        a     active        0.00  2.125  AU        2026-03-01 00:00:00
        b     active     1000.00   1.00  AU        2026-03-01 00:00:00
        c     suspended     0.00   1.00  AU        2026-03-01 00:00:00
      `),
    );
    const page = await stage.run('account list --limit 1 --offset 1');
    expect(page.out).toContain('\nb ');
    expect(page.err).toBe('There is more: add --offset 2.');
    expect(JSON.parse((await stage.run('account list --limit 2 --json')).raw)).toMatchObject({
      items: [{ name: 'a' }, { name: 'b', balance: 1000 }],
      offset: 0,
      limit: 2,
      more: true,
    });
    expect(await stage.run('account list --offset 3')).toMatchObject({
      out: '',
      err: 'There is nothing after the first 3.',
    });
  });

  it('says what to do when there are none', async () => {
    expect(await stage.run('account list')).toMatchObject({
      code: 0,
      out: '',
      err: 'There are no accounts yet: make one with `parlance account create <name>`.',
    });
    expect((await stage.run('account show shop')).err).toBe(
      "parlance: There is no account 'shop', nor any other: make one with `parlance account create shop`.",
    );
  });
});

describe('money', () => {
  beforeEach(() => stage.did('account create shop --credit 10'));

  it('gives credit, and takes it back as a correction', async () => {
    expect((await stage.run('account topup shop 2.5 --note "invoice 7"')).out).toBe(
      "'shop' was given 2.50 credits and has 12.50 now.",
    );
    await stage.world.clock.advance(1000);
    expect((await stage.run('account topup shop -0.125 --correction')).out).toBe(
      "0.125 credits were taken from 'shop', which has 12.375 now.",
    );
    expect((await stage.run('account ledger shop')).out).toBe(
      lines(`
        TIME (UTC)           KIND        CREDITS  FOR  NOTE
        2026-03-01 00:00:01  correction   -0.125  -    -
        2026-03-01 00:00:00  topup         +2.50  -    invoice 7
        2026-03-01 00:00:00  topup        +10.00  -    -
      `),
    );
    expect(JSON.parse((await stage.did('account topup shop 1 --json')).raw)).toEqual({
      account: 'shop',
      amount: 1,
      balance: 13.375,
    });
  });

  it.each([
    ['-5', 2, 'A top-up gives credit; to take 5.00 credits back add --correction.'],
    ['0', 2, 'An amount of 0 changes nothing.'],
    ['-10.001 --correction', 1, "'shop' has 10.00 credits: no more than that can be taken back."],
    [
      '1.2345',
      2,
      "'1.2345' cannot be <credits>. It must be credits, such as 10 or 2.5 (at most 3 decimals). See `parlance account topup --help`.",
    ],
  ])('refuses %s', async (amount, code, err) => {
    expect(await stage.run(`account topup shop ${amount}`)).toMatchObject({
      code,
      out: '',
      err: `parlance: ${err}`,
    });
    expect((await stage.run('account list --json')).raw).toContain('"balance": 10');
  });
});

describe('changing accounts', () => {
  beforeEach(() => stage.did('account create shop'));

  it('changes what is said and nothing else', async () => {
    await stage.did('account set shop --allow AU,NZ --price 0.9');
    expect(JSON.parse((await stage.did('account show shop --json')).raw)).toMatchObject({
      allowedCountries: ['AU', 'NZ'],
      pricePerPart: 0.9,
      homeCountry: 'AU',
      refund: 'unsent',
    });
  });

  it('suspends and resumes, as often as it is told', async () => {
    expect((await stage.run('account suspend shop')).out).toBe(
      "'shop' is suspended: its requests are refused within a second.",
    );
    expect((await stage.run('account suspend shop')).code).toBe(0);
    expect((await stage.run('account show shop')).out).toContain('status            suspended');
    expect((await stage.run('account resume shop')).out).toBe("'shop' is active.");
  });

  it('keeps dialect settings as the dialect reads them', async () => {
    const set = await stage.did(
      'account set shop --setting mobilemessage.edition=2026 --setting mobilemessage.webhookRetries=[60,600]',
    );
    expect(set.out).toContain('mobilemessage.edition             2026\n');
    expect(set.out).toContain('mobilemessage.webhookRetries      [60,600]\n');
    expect(set.out).toContain('mobilemessage.optoutText          Opt out: Reply Stop. (default)');
    expect(JSON.parse((await stage.did('account show shop --json')).raw)).toMatchObject({
      settings: { mobilemessage: { edition: '2026', webhookRetries: [60, 600] } },
    });
    const back = await stage.did('account set shop --setting mobilemessage.edition=');
    expect(back.out).toContain('mobilemessage.edition             2024 (default)');
    expect(back.out).toContain('[60,600]');
  });

  it.each([
    [
      'mobilemessage.edition=2025',
      `mobilemessage.edition cannot be '2025': Invalid option: expected one of "2024"|"2026". (Which edition of the API its clients were written for.)`,
    ],
    [
      'mobilemessage.webhookRetries=[0]',
      "mobilemessage.webhookRetries cannot be '[0]': Too small: expected number to be >=1. (When",
    ],
    ['mobilemessage.editon=2026', "mobilemessage has no setting 'editon'; did you mean edition?"],
    ['mobilemessage.__proto__=1', "mobilemessage has no setting '__proto__'; there is edition,"],
    [
      'mobilmessage.edition=2026',
      "There is no dialect 'mobilmessage'; did you mean mobilemessage?",
    ],
    ['edition=2026', '--setting takes dialect.key=value, such as mobilemessage.edition=…, and not'],
  ])('refuses --setting %s', async (setting, err) => {
    const came = await stage.run(`account set shop --price 5 --setting ${setting}`);
    expect(came.code).toBe(2);
    expect(came.err).toContain(err);
    // Nothing of it was done.
    expect((await stage.run('account show shop --json')).raw).toContain('"pricePerPart": 1');
  });

  it.each([
    ['account set shop', 'Say what to change: see `parlance account set --help`.'],
    [
      'account set shop --allow XX',
      "Option '--allow <codes>' argument 'XX' is invalid. It must be the two letters of a country, such as AU. See `parlance account set --help`.",
    ],
    [
      'account set shop --refund all',
      "Option '--refund <policy>' argument 'all' is invalid. Allowed choices are never, unsent, undelivered. See `parlance account set --help`.",
    ],
    [
      'account set shop --duplicate-window 5x',
      "Option '--duplicate-window <time>' argument '5x' is invalid. It must be a time such as 90s, 5m, 2h or 1d, or 0. See `parlance account set --help`.",
    ],
    ['account create', "Missing required argument 'name'. See `parlance account create --help`."],
    [
      'account show shop shop',
      "Too many arguments for 'show'. Expected 1 argument but got 2: shop, shop. See `parlance account show --help`.",
    ],
  ])('%s is wrong usage', async (line, err) => {
    expect(await stage.run(line)).toMatchObject({ code: 2, out: '', err: `parlance: ${err}` });
  });

  it.each([
    ['account create shop', "There is an account 'shop' already."],
    ['account show shp', "There is no account 'shp'; did you mean shop?"],
    ['account show elsewhere', "There is no account 'elsewhere': see `parlance account list`."],
    [
      'account create "sh op"',
      "'sh op' is no account name: use letters, digits, dots, dashes and underscores.",
    ],
  ])('%s is refused', async (line, err) => {
    expect(await stage.run(line)).toMatchObject({ code: 1, out: '', err: `parlance: ${err}` });
  });
});
