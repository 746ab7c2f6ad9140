import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { Verdict } from './submit.ts';
import type { OutgoingMessage } from './prepare.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const message = (more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  to: '0412345678',
  text: 'Hello',
  sender: 'CompanyABC',
  limits: { alphabet: 'any', characters: 765, parts: 10 },
  ...more,
});

async function submit(account: WorldAccount, messages: OutgoingMessage[]): Promise<Verdict[]> {
  const caller = await account.caller();
  const outcome = await world.gateway.submit({ caller, messages, refused: 'keep' });
  if (outcome.kind === 'replayed') throw new Error('replayed');
  return outcome.result.verdicts;
}

/** What is on disk of them, and what is told. */
async function kept(account: WorldAccount, verdicts: readonly Verdict[]) {
  const rows = await Promise.all(
    verdicts.map(({ message: one }) => world.storage.read.messages.findAny(one?.id as never)),
  );
  const told = await world.storage.read.notifications.list(account.account.id, {
    limit: 100,
    offset: 0,
  });
  return {
    rows: rows.map((row) => [row?.status, row?.error, row?.price, row?.destination]),
    told: told.map(({ event }) => [event.type, 'message' in event && event.message.error]),
  };
}

const listening = { endpoints: { status: 'http://127.0.0.1:9/' } };

describe('what is refused and kept', () => {
  it('is stored at no price, and told as what fails', async () => {
    const account = await world.account(listening);
    await world.gateway.optOut(await account.caller(), '+61412345679' as never);
    const verdicts = await submit(account, [
      message({ to: '+61399999999999999' }),
      message({ sender: 'Somebody' }),
      message({ to: '0412345679' }),
      message({ medium: 'mms' }),
      message({ text: 'a\0b' }),
      message({ text: '' }),
      message({ refusal: { code: 'insufficient_credit', detail: 'Not today.' } }),
    ]);
    const { rows, told } = await kept(account, verdicts);
    expect(rows).toEqual([
      ['rejected', 'number_invalid', 0, '+61399999999999999'],
      ['rejected', 'sender_not_allowed', 0, '+61412345678'],
      ['rejected', 'recipient_opted_out', 0, '+61412345679'],
      ['rejected', 'no_route', 0, '+61412345678'],
      ['rejected', 'field_invalid', 0, '+61412345678'],
      ['rejected', 'text_empty', 0, '+61412345678'],
      ['rejected', 'insufficient_credit', 0, '+61412345678'],
    ]);
    expect(told.map(([type]) => type)).toEqual(Array(7).fill('message.failed'));
    expect(await account.credits()).toBe(1000);
    expect(verdicts.every((verdict) => !verdict.ok && verdict.message)).toBe(true);
    expect(world.link.sent).toEqual([]);
  });

  it('does not keep the others from being sent', async () => {
    const account = await world.account({ ...listening, credits: 5 });
    const [good, bad] = await submit(account, [message(), message({ sender: 'Somebody' })]);
    await world.clock.settle();
    expect([good?.ok, bad?.ok]).toEqual([true, false]);
    expect(world.link.sent).toHaveLength(1);
    expect(await account.credits()).toBe(4);
  });

  it('is all of a submission that cannot be paid', async () => {
    const account = await world.account({ ...listening, credits: 1 });
    const verdicts = await submit(account, [message(), message({ sender: 'Somebody' }), message()]);
    const { rows, told } = await kept(account, verdicts);
    expect(rows.map(([status, error]) => [status, error])).toEqual([
      ['rejected', 'insufficient_credit'],
      ['rejected', 'sender_not_allowed'],
      ['rejected', 'insufficient_credit'],
    ]);
    expect(told).toHaveLength(3);
    await world.clock.settle();
    expect(world.link.sent).toEqual([]);
    expect(await account.credits()).toBe(1);
    expect(await world.storage.read.ledger.discrepancies()).toEqual([]);
  });

  it('takes in as many as can be paid of those who ask at once', async () => {
    const account = await world.account({ credits: 10 });
    const all = await Promise.all(Array.from({ length: 30 }, () => submit(account, [message()])));
    expect(all.flat().filter(({ ok }) => ok)).toHaveLength(10);
    expect(await account.messages()).toBe(30);
    expect(await account.credits()).toBe(0);
    await world.clock.settle();
    expect(world.link.sent).toHaveLength(10);
  });

  it('knows a repetition of what was taken, not of what was refused', async () => {
    const account = await world.account({ duplicateWindowMs: 60_000, credits: 1 });
    const twice = [message({ sender: 'Somebody' }), message({ sender: 'Somebody' })];
    expect((await submit(account, twice)).map(codeOf)).toEqual([
      'sender_not_allowed',
      'sender_not_allowed',
    ]);
    expect((await submit(account, [message(), message()])).map(codeOf)).toEqual([
      'ok',
      'duplicate_message',
    ]);
    expect((await submit(account, [message()])).map(codeOf)).toEqual(['duplicate_message']);
    expect(await account.messages()).toBe(5);
  });

  it('is not what is addressed to nothing like a number', async () => {
    const account = await world.account();
    const verdicts = await submit(account, [message({ to: 'mum' })]);
    expect(verdicts).toMatchObject([{ ok: false, message: null }]);
    expect(await account.messages()).toBe(0);
  });
});

function codeOf(verdict: Verdict): string {
  return verdict.ok ? 'ok' : verdict.error.code;
}

describe('a message that is only played', () => {
  it('goes to simulators, whatever the rules say, and costs nothing', async () => {
    await world.close();
    const { TestLink } = await import('../../../test/support/test-link.ts');
    const [real, played] = [new TestLink('real'), new TestLink('played')];
    world = await createWorld({
      links: [real, played],
      routes: [{ links: [real.id] }],
      policies: new Map([['played', { onLostAnswer: 'unknown', simulator: true }]]),
    });
    const account = await world.account();
    await submit(account, [message({ simulate: 'failed' }), message()]);
    await world.clock.settle();
    expect(played.sent.map(({ simulate }) => simulate)).toEqual(['failed']);
    expect(real.sent.map(({ simulate }) => simulate)).toEqual([null]);
    expect(await account.credits()).toBe(999);
  });

  it('goes nowhere where there is no simulator', async () => {
    const account = await world.account();
    expect((await submit(account, [message({ simulate: 'delivered' })])).map(codeOf)).toEqual([
      'no_route',
    ]);
    await world.clock.settle();
    expect(world.link.sent).toEqual([]);
  });
});

describe('a medium', () => {
  it('goes by rules that name it, as one part whatever its length', async () => {
    await world.close();
    const { TestLink } = await import('../../../test/support/test-link.ts');
    const [texts, pictures] = [new TestLink('texts'), new TestLink('pictures')];
    world = await createWorld({
      links: [texts, pictures],
      routes: [{ media: ['mms', 'voice'], links: [pictures.id] }, { links: [texts.id] }],
    });
    const account = await world.account();
    const long = 'x'.repeat(500);
    await submit(account, [
      message({ text: long }),
      message({ text: long, medium: 'mms' }),
      message({ text: long, medium: 'voice', to: '0299999999' }),
    ]);
    await world.clock.settle();
    expect(texts.sent.map(({ medium }) => medium)).toEqual(['sms', 'sms', 'sms', 'sms']);
    expect(pictures.sent.map(({ medium, text }) => [medium, text.length])).toEqual([
      ['mms', 500],
      ['voice', 500],
    ]);
  });
});
