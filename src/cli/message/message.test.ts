import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from '../testkit/stage.ts';
import { createStage, idIn, lines } from '../testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
});
afterEach(() => stage.close());

const send = async (more: string): Promise<string> =>
  idIn(await stage.did(`send shop --sender CompanyABC ${more}`));

describe('parlance message list', () => {
  it('shows the newest first, on one line each, whatever the text is', async () => {
    await send('--to 0412345678 --text "One"');
    await stage.world.clock.advance(1000);
    await stage.world.link.receipt('delivered', { at: stage.world.clock.now() });
    await send(
      '--to 0412345679 --text "Two\u001b[31m\nlines, which are too long to stand in one column of a table"',
    );
    // Whether a serving node hears of it at once depends on the engine; by then it has looked.
    await stage.world.clock.advance(1000);
    const came = await stage.run('message list shop');
    expect(came.out).toBe(
      lines(String.raw`
        ID                                    ACCEPTED (UTC)       TO            SENDER      STATUS     PRICE  COST  TEXT
        <id>................................  2026-03-01 00:00:01  +61412345679  CompanyABC  sent        1.00     -  Two\u{1b}[31m\nlines, which are too lon…
        <id>................................  2026-03-01 00:00:00  +61412345678  CompanyABC  delivered   1.00     -  One
      `),
    );
  });

  it.each([
    ['--status scheduled', ['c']],
    ['--to 0412345679', ['b']],
    ['--ref "order-1%"', ['b', 'a']],
    ['--ref order-1', ['a']],
    ['--limit 1 --offset 1', ['b']],
  ])('finds by %s', async (flags, refs) => {
    await send('--to 0412345678 --text a --ref order-1');
    await send('--to 0412345679 --text b --ref order-12');
    await send('--to 0412345670 --text c --ref x --at "2026-03-02 00:00:00"');
    const { raw } = await stage.did(`message list shop --json ${flags}`);
    const { items } = JSON.parse(raw) as { items: { text: string }[] };
    expect(items.map(({ text }) => text)).toEqual(refs);
  });

  it('says when there is nothing', async () => {
    expect((await stage.run('message list shop')).err).toBe("'shop' has sent nothing yet.");
    expect((await stage.run('message list shop --status failed')).err).toBe(
      "'shop' has no such messages.",
    );
  });

  it.each([
    ['message list', "Missing required argument 'account'."],
    ['message list shop --status gone', 'Allowed choices are scheduled, queued, sending'],
    ['message list shop --limit 0', 'It must be a whole number from 1 to 500.'],
    ['message list shop --to 12', "'12' is no phone number"],
  ])('%s is wrong usage', async (line, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ code: 2, out: '' });
    expect(came.err).toContain(err);
  });
});

describe('parlance message show', () => {
  it('tells the way of a message from the request to the receipt', async () => {
    const id = await send(`--to 0412345678 --text ${'x'.repeat(161)} --ref order-1`);
    await stage.world.clock.advance(1000);
    const [first, second] = stage.world.link.sent;
    await stage.world.clock.advance(500);
    await stage.world.link.receipt('delivered', { part: first, at: stage.world.clock.now() });
    await stage.world.clock.advance(500);
    await stage.world.link.receipt('delivered', { part: second, at: stage.world.clock.now() });

    const came = await stage.run(`message show ${id}`);
    expect(came.out).toBe(
      lines(`
        message     <id>................................
        account     shop
        to          +61412345678
        sender      CompanyABC
        text        ${'x'.repeat(161)}
        status      delivered
        reference   order-1
        channel     cli
        price       2.00 credits for 2 × gsm7
        link        test
        hand-overs  1
        good until  2026-03-04 00:00:00 UTC

        TIME (UTC)               WHAT         DETAIL
        2026-03-01 00:00:00.000  accepted     2 parts, 2.00 credits, link test
        2026-03-01 00:00:00.000  handed over  part 1/2 to test: taken as test-1
        2026-03-01 00:00:00.000  handed over  part 2/2 to test: taken as test-2
        2026-03-01 00:00:00.000  sent         the network has all 2 parts
        2026-03-01 00:00:01.500  receipt      part 1/2 delivered
        2026-03-01 00:00:02.000  receipt      part 2/2 delivered
        2026-03-01 00:00:02.000  delivered    -
      `),
    );
    expect(JSON.parse((await stage.run(`message show ${id} --json`)).raw)).toMatchObject({
      id,
      account: 'shop',
      status: 'delivered',
      price: 2,
      cost: null,
      margin: null,
      channel: 'cli',
      timeline: expect.arrayContaining([
        { at: '2026-03-01T00:00:02.000Z', what: 'delivered', detail: null },
      ]),
    });
  });

  it('shows a retry, a refusal and what was given back', async () => {
    stage.world.link.answers.push(
      { kind: 'retryable', code: 'link_unavailable', again: 'elsewhere', detail: 'line is down' },
      { kind: 'refused', code: 'refused_by_link', detail: 'no such number' },
    );
    const id = await send('--to 0412345678 --text Hi');
    await stage.world.clock.advance(10_000);
    const { out } = await stage.run(`message show ${id}`);
    expect(out).toContain('status      rejected\nwhy         refused_by_link: no such number\n');
    expect(out.slice(out.indexOf('TIME'))).toBe(
      lines(`
        TIME (UTC)               WHAT         DETAIL
        2026-03-01 00:00:00.000  accepted     1 part, 1.00 credits, link test
        2026-03-01 00:00:00.000  retry        line is down
        2026-03-01 00:00:05.000  handed over  part 1/1 to test: refused (no such number)
        2026-03-01 00:00:05.000  rejected     refused_by_link: no such number
        2026-03-01 00:00:05.000  refunded     1.00 credits
      `),
    );
  });

  it('shows a reply, and webhooks with each try', async () => {
    const address = 'http://127.0.0.1:9/'; // nothing is told in this world
    await stage.did(`webhook set shop --dialect mobilemessage --topic status --url ${address}`);
    const id = await send('--to 0412345678 --text Hi');
    await stage.world.clock.advance(1000);
    await stage.world.link.receipt('failed', { at: stage.world.clock.now() });
    await stage.world.clock.advance(1000);
    await stage.did(`reply send ${id} --text "\u202ewho is this?"`);
    const { out } = await stage.run(`message show ${id}`);
    expect(out).toContain(String.raw`2026-03-01 00:00:02.000  reply        \u{202e}who is this?`);
    expect(out).toContain(
      '2026-03-01 00:00:01.000  webhook      message.failed to mobilemessage status: not tried yet',
    );
  });

  it.each([
    ['message show 12', 2, "'12' cannot be <id>. It must be an id as the lists show it, 36"],
    [
      'message show 019a2b3c-0000-7000-8000-000000000000',
      1,
      'There is no message <id>................................: see `parlance message list <account>`.',
    ],
  ])('%s ends with %d', async (line, code, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ code, out: '' });
    expect(came.err).toContain(err);
  });
});

describe('parlance message cancel', () => {
  it('takes back what is scheduled, once', async () => {
    const id = await send('--to 0412345678 --text Hi --at "2026-03-02 00:00:00"');
    expect((await stage.run(`message cancel ${id}`)).out).toBe(
      'Message <id>................................ is cancelled and its price given back.',
    );
    const { out } = await stage.run(`message show ${id}`);
    expect(out.slice(out.indexOf('TIME'))).toBe(
      lines(`
        TIME (UTC)               WHAT       DETAIL
        2026-03-01 00:00:00.000  accepted   1 part, 1.00 credits, link test, to be sent at 2026-03-02 00:00:00
        2026-03-01 00:00:00.000  cancelled  -
        2026-03-01 00:00:00.000  refunded   1.00 credits
      `),
    );
    expect(await stage.run(`message cancel ${id}`)).toMatchObject({
      code: 1,
      err: 'parlance: Message <id>................................ is cancelled: only what is scheduled can be taken back.',
    });
    expect((await stage.run('account list --json')).raw).toContain('"balance": 10');
  });

  it('works for a suspended account, too', async () => {
    const id = await send('--to 0412345678 --text Hi --at "2026-03-02 00:00:00"');
    await stage.did('account suspend shop', `message cancel ${id}`);
  });
});
