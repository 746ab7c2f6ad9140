import { describe, expect, it } from 'vitest';
import { storedMessage, submitText, submitTexts } from '../../../test/support/submit.ts';
import type { World } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import type { Message } from '../messages/message.ts';
import type { LateAnswer, ReceiptNews } from '../ports/transport.ts';

const { setUp } = useWorlds(1_000);

const receiptFor = (world: World, wish: Partial<ReceiptNews>): Promise<string | null> =>
  world.gateway.receipt({
    linkId: world.link.id,
    upstreamId: '0',
    status: 'delivered',
    detail: null,
    at: world.clock.now(),
    ...wish,
  });
const statusOf = async (world: World, message: Message) =>
  (await storedMessage(world, message)).status;
const accepted = (upstreamId: string) => ({ kind: 'accepted' as const, upstreamId });
const digits = ({ destination }: Message) => destination.slice(1);

describe('the id of a receipt', () => {
  it('finds its part in another form, where the number agrees', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(accepted('ff'), accepted('255'));
    const [hex, decimal] = await submitTexts(world, account, ['one', 'two']);
    await world.clock.settle();
    const found = await receiptFor(world, {
      upstreamId: '255',
      otherIds: ['ff', '597'],
      numbers: [digits(hex as Message), '61400000000'],
    });
    expect(found).toBe('ff');
    expect(await statusOf(world, hex as Message)).toBe('delivered');
    expect(await statusOf(world, decimal as Message)).toBe('sent');
  });

  it('finds another form of it where what it means first is over', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(accepted('26'), accepted('1a'));
    // Both to one number.
    const first = await submitText(world, account, 'one');
    const second = await submitText(world, account, 'two');
    await world.clock.settle();
    const numbers = [digits(first)];
    await receiptFor(world, { upstreamId: '26', numbers });
    const either = { upstreamId: '26', otherIds: ['1a', '38'], numbers };
    expect(await receiptFor(world, { ...either, status: 'failed' })).toBe('1a');
    expect(await statusOf(world, first)).toBe('delivered');
    expect(await statusOf(world, second)).toBe('failed');
    // Now all that it may mean is over.
    expect(await receiptFor(world, { ...either, status: 'failed' })).toBe('26');
    expect(await statusOf(world, first)).toBe('delivered');
  });

  it('that was used again belongs to the message that went to its number', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(accepted('7'), accepted('7'));
    const [older, newer] = await submitTexts(world, account, ['one', 'two']);
    await world.clock.settle();
    expect(await receiptFor(world, { upstreamId: '7', numbers: [digits(older as Message)] })).toBe(
      '7',
    );
    expect(await statusOf(world, older as Message)).toBe('delivered');
    expect(await statusOf(world, newer as Message)).toBe('sent');
  });

  it.each([
    ['swapped', (to: string) => ['61400000000', to]],
    ['in local form', (to: string) => [`0${to.slice(2)}`, 'CompanyABC']],
    ['with 00', (to: string) => [`00${to}`]],
    ['missing', () => []],
    // Some networks write what nobody can compare: the id alone must do.
    ['of a form of their own', () => ['CompanyABC', '99']],
  ])('finds its part when its numbers are %s', async (_, numbers) => {
    const { world, account } = await setUp();
    const message = await submitText(world, account);
    await world.clock.settle();
    const upstreamId = world.link.sent[0]?.upstreamId as string;
    const found = await receiptFor(world, { upstreamId, numbers: numbers(digits(message)) });
    expect(found).toBe(upstreamId);
    expect(await statusOf(world, message)).toBe('delivered');
  });

  it.each([
    ['as it is', '255', '255'],
    ['in another form', 'ff', '255'],
  ])('waits for the answer that names it, %s', async (_, answer, receipt) => {
    const { world, account } = await setUp();
    let say: (outcome: ReturnType<typeof accepted>) => void = () => {};
    world.link.answers.push(
      new Promise((resolve) => {
        say = resolve;
      }),
    );
    const message = await submitText(world, account);
    await world.clock.settle();
    const otherIds = ['ff', '597'];
    expect(
      await receiptFor(world, { upstreamId: receipt, otherIds, numbers: [digits(message)] }),
    ).toBeNull();
    say(accepted(answer));
    await world.clock.settle();
    expect(await statusOf(world, message)).toBe('delivered');
  });

  it.each([
    ['no numbers', []],
    ['empty ones', ['', '']],
    ['a name and a short code', ['CompanyABC', '99']],
  ])('waits for the answer that names it, with %s', async (_, numbers) => {
    const { world, account } = await setUp();
    let say: (outcome: ReturnType<typeof accepted>) => void = () => {};
    world.link.answers.push(
      new Promise((resolve) => {
        say = resolve;
      }),
    );
    const message = await submitText(world, account);
    await world.clock.settle();
    await receiptFor(world, { upstreamId: '255', otherIds: ['ff', '597'], numbers });
    say(accepted('255'));
    await world.clock.settle();
    expect(await statusOf(world, message)).toBe('delivered');
  });

  it('that waits is not taken for another handset’s message', async () => {
    const { world, account } = await setUp();
    expect(
      await receiptFor(world, { upstreamId: '7', numbers: ['61499999999'], otherIds: ['8'] }),
    ).toBeNull();
    world.link.answers.push(accepted('7'));
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(await statusOf(world, message)).toBe('sent');
  });
});

describe('a receipt before its answer, under an id that was used before', () => {
  /**
   * The first text has the id. The second goes to another handset and has it, too, once `say` is called;
   * `toOne`: both go to one handset.
   */
  const stage = async (first: { hasItsReceipt: boolean }, toOne = false) => {
    const { world, account } = await setUp({ delivery: { answerTimeoutMs: 60_000 } });
    const answer = Promise.withResolvers<ReturnType<typeof accepted>>();
    world.link.answers.push(accepted('7'));
    const older = await submitText(world, account);
    await world.clock.settle();
    if (first.hasItsReceipt) {
      await receiptFor(world, { upstreamId: '7', numbers: [digits(older)] });
    }
    // Which of them is the newest is told by their instants.
    await world.clock.advance(1_000);
    if (!toOne) world.link.answers.push(accepted('another'));
    world.link.answers.push(answer.promise);
    const others = await submitTexts(world, account, toOne ? ['one'] : ['another', 'one']);
    const newer = others.at(-1) as Message;
    await world.clock.settle();
    const say = async () => {
      answer.resolve(accepted('7'));
      await world.clock.settle();
    };
    return { world, older, newer, say };
  };
  const failed = (message: Message) => ({
    upstreamId: '7',
    status: 'failed' as const,
    numbers: [digits(message)],
  });

  it.each([
    ['that had its end', true, 'delivered'],
    ['that is open', false, 'sent'],
  ])('by a message to another handset %s', async (_, hasItsReceipt, left) => {
    const { world, older, newer, say } = await stage({ hasItsReceipt });
    expect(await receiptFor(world, failed(newer))).toBeNull();
    expect(await statusOf(world, older)).toBe(left);
    await say();
    expect(await statusOf(world, newer)).toBe('failed');
    expect(await statusOf(world, older)).toBe(left);
  });

  it('by a message to the same handset that had its end', async () => {
    const { world, older, newer, say } = await stage({ hasItsReceipt: true }, true);
    await receiptFor(world, failed(newer));
    await say();
    expect(await statusOf(world, newer)).toBe('failed');
    expect(await statusOf(world, older)).toBe('delivered');
  });

  it('is that of the newest after all, when no answer comes for the number that it names', async () => {
    const { world, older, say } = await stage({ hasItsReceipt: false });
    const foreign = { ...failed(older), numbers: ['90061499999999'] };
    expect(await receiptFor(world, foreign)).toBeNull();
    await world.clock.advance(58_000);
    expect(await statusOf(world, older)).toBe('sent');
    await world.clock.advance(4_000);
    expect(await statusOf(world, older)).toBe('failed');
    await say();
  });

  it('is spent under all ids that it might have meant, when it is given to the newest', async () => {
    const { world, account } = await setUp({ delivery: { answerTimeoutMs: 60_000 } });
    world.link.answers.push(accepted('7'));
    const older = await submitText(world, account);
    await world.clock.settle();
    const meant = { upstreamId: '7', otherIds: ['07'], numbers: ['61412000001'] };
    expect(await receiptFor(world, meant)).toBeNull();
    await world.clock.advance(62_000);
    expect(await statusOf(world, older)).toBe('delivered');
    world.link.answers.push(accepted('another'), accepted('07'));
    const [, newer] = await submitTexts(world, account, ['another', 'one']);
    await world.clock.settle();
    expect((newer as Message).destination).toBe('+61412000001');
    expect(await statusOf(world, newer as Message)).toBe('sent');
  });

  it('is forgotten as a repetition when no answer comes in time', async () => {
    const { world, newer, say } = await stage({ hasItsReceipt: true }, true);
    await receiptFor(world, { ...failed(newer), status: 'delivered' });
    await world.clock.advance(62_000);
    await say();
    expect(await statusOf(world, newer)).toBe('sent');
  });

  it('is not spent twice where all parts of a message have one id', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(accepted('7'), accepted('7'), accepted('7'));
    const message = await submitText(world, account, 'A text of three parts. '.repeat(18));
    await world.clock.settle();
    expect(world.link.sent).toHaveLength(3);
    const one = { upstreamId: '7', numbers: [digits(message)] };
    expect(await receiptFor(world, one)).toBe('7');
    expect(await statusOf(world, message)).toBe('sent');
    expect(await Promise.all([receiptFor(world, one), receiptFor(world, one)])).toEqual(['7', '7']);
    expect(await statusOf(world, message)).toBe('delivered');
  });

  it('is not spent twice either where they come before their answers', async () => {
    const { world, account } = await setUp();
    const answer = Promise.withResolvers<ReturnType<typeof accepted>>();
    world.link.answers.push(accepted('7'), answer.promise);
    const message = await submitText(world, account, 'A text of two parts. '.repeat(9));
    await world.clock.settle();
    const one = { upstreamId: '7', numbers: [digits(message)] };
    await receiptFor(world, one);
    await receiptFor(world, one);
    answer.resolve(accepted('7'));
    await world.clock.settle();
    expect(await statusOf(world, message)).toBe('delivered');
  });
});

describe('an answer that comes after it was given up', () => {
  const lost = { kind: 'unknown' as const, detail: 'no answer' };
  const said: Record<'taken' | 'no' | 'not now', (number?: number) => LateAnswer['outcome']> = {
    taken: (number = 1) => ({ kind: 'accepted', upstreamId: `late-${number}` }),
    no: () => ({ kind: 'refused', code: 'refused_by_link', detail: 'no' }),
    'not now': () => ({
      kind: 'retryable',
      code: 'link_throttled',
      again: 'here',
      detail: 'slow down',
    }),
  };
  const late = (
    world: World,
    message: Message,
    number = 1,
    attempt = 1,
    outcome: LateAnswer['outcome'] = said.taken(number),
  ) =>
    world.gateway.late({
      linkId: world.link.id,
      messageId: message.id,
      number,
      attempt,
      outcome,
      at: world.clock.now(),
    });

  it('makes the message sent, and its receipt finds it', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(lost);
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(await statusOf(world, message)).toBe('unknown');
    expect(await late(world, message)).toBe(true);
    expect(await statusOf(world, message)).toBe('sent');
    await receiptFor(world, { upstreamId: 'late-1' });
    expect(await statusOf(world, message)).toBe('delivered');
  });

  it('where no receipt was asked for leaves it sent', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(lost);
    const message = await submitText(world, account);
    await world.clock.settle();
    await world.gateway.late({
      linkId: world.link.id,
      messageId: message.id,
      number: 1,
      attempt: 1,
      outcome: { kind: 'accepted', upstreamId: 'late-1', noReceipt: true },
      at: world.clock.now(),
    });
    const { status, dueAt } = await storedMessage(world, message);
    expect(status).toBe('sent');
    expect(dueAt).toBeGreaterThan(world.clock.now() + 100 * 365 * 86_400_000);
  });

  it('brings the receipt that waited for it', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(lost);
    const message = await submitText(world, account);
    await world.clock.settle();
    await receiptFor(world, { upstreamId: 'late-1' });
    await late(world, message);
    expect(await statusOf(world, message)).toBe('delivered');
  });

  it('waits for those of the other parts', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(lost, lost);
    const message = await submitText(world, account, 'A text of two parts. '.repeat(9));
    await world.clock.settle();
    await late(world, message, 2);
    expect(await statusOf(world, message)).toBe('unknown');
    await late(world, message, 1);
    expect(await statusOf(world, message)).toBe('sent');
  });

  it('spares the message its second way', async () => {
    const { world, account } = await setUp({
      policies: new Map([['test', { onLostAnswer: 'resend' }]]),
    });
    world.link.answers.push(lost);
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(await statusOf(world, message)).toBe('queued');
    await late(world, message);
    await world.clock.advance(60_000);
    expect(world.link.sent).toHaveLength(1);
    expect(await statusOf(world, message)).toBe('sent');
  });

  it('to an earlier hand-over changes nothing', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(lost);
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(await late(world, message, 1, 2)).toBe(true);
    expect(await statusOf(world, message)).toBe('unknown');
  });

  it('must be told again while the loss is not written down', async () => {
    const { world, account } = await setUp();
    let say: (outcome: typeof lost) => void = () => {};
    world.link.answers.push(
      new Promise((resolve) => {
        say = resolve;
      }),
    );
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(await late(world, message)).toBe(false);
    say(lost);
    await world.clock.settle();
    expect(await late(world, message)).toBe(true);
    expect(await statusOf(world, message)).toBe('sent');
  });

  it.each([
    { policy: 'unsent', of: ['no', 'no'], status: 'rejected', credits: 1_000 },
    { policy: 'unsent', of: ['not now', 'not now'], status: 'rejected', credits: 1_000 },
    { policy: 'unsent', of: ['taken', 'no'], status: 'rejected', credits: 998 },
    { policy: 'undelivered', of: ['taken', 'no'], status: 'rejected', credits: 1_000 },
    { policy: 'never', of: ['no', 'no'], status: 'rejected', credits: 998 },
    { policy: 'unsent', of: ['no'], status: 'unknown', credits: 998 },
  ] as const)(
    'that it was not taken ends the message once all parts are known: $of, refunds: $policy',
    async ({ policy, of, status, credits }) => {
      const { world } = await setUp();
      const account = await world.account({
        refundPolicy: policy,
        endpoints: { status: 'http://127.0.0.1:9/' },
      });
      world.link.answers.push(lost, lost);
      const message = await submitText(world, account, 'A text of two parts. '.repeat(9));
      await world.clock.settle();
      for (const [index, what] of of.entries()) {
        const number = index + 1;
        expect(await late(world, message, number, 1, said[what](number))).toBe(true);
      }
      expect(await statusOf(world, message)).toBe(status);
      expect(await account.credits()).toBe(credits);
      const told = await world.storage.read.notifications.list(account.account.id, {
        limit: 50,
        offset: 0,
        messageId: message.id,
      });
      // Of the loss, and of the end.
      expect(told).toHaveLength(status === 'rejected' ? 2 : 1);
      // Told again, as by a carrier that answers twice: nothing more comes of it.
      await late(world, message, 1, 1, said.no());
      await world.clock.advance(60_000);
      expect(world.link.sent).toHaveLength(2);
      expect(await account.credits()).toBe(credits);
    },
  );

  it('that it was not taken ends one whose other parts never left', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(lost, said['not now']());
    const message = await submitText(world, account, 'A text of two parts. '.repeat(9));
    await world.clock.settle();
    expect(await statusOf(world, message)).toBe('unknown');
    await late(world, message, 1, 1, said.no());
    expect(await statusOf(world, message)).toBe('rejected');
    expect(await account.credits()).toBe(1_000);
  });

  it.each([
    { what: 'no', status: 'rejected', sent: 1, credits: 1_000 },
    { what: 'not now', status: 'sent', sent: 2, credits: 999 },
  ] as const)(
    'of one that waits to be sent again: $what',
    async ({ what, status, sent, credits }) => {
      const { world, account } = await setUp({
        policies: new Map([['test', { onLostAnswer: 'resend' }]]),
      });
      world.link.answers.push(lost);
      const message = await submitText(world, account);
      await world.clock.settle();
      expect(await late(world, message, 1, 1, said[what](1))).toBe(true);
      await world.clock.advance(60_000);
      expect(await statusOf(world, message)).toBe(status);
      expect(world.link.sent).toHaveLength(sent);
      expect(await account.credits()).toBe(credits);
    },
  );
});
