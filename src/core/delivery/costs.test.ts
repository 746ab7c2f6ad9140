import { describe, expect, it } from 'vitest';
import { storedMessage, submitText } from '../../../test/support/submit.ts';
import { TestLink } from '../../../test/support/test-link.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import { millicredits } from '../money.ts';
import type { SendOutcome } from '../ports/transport.ts';

const { setUp } = useWorlds(1_000);

/** A link whose parts have room for so many characters, whatever a message is charged as. */
class NarrowLink extends TestLink {
  readonly #room: number;

  constructor(id: string, room: number) {
    super(id);
    this.#room = room;
  }

  override split(text: string): string[] {
    return text.match(new RegExp(`.{1,${this.#room}}`, 'gu')) ?? [];
  }
}

const elsewhere: SendOutcome = {
  kind: 'retryable',
  code: 'link_unavailable',
  again: 'elsewhere',
  detail: 'not me',
};
const here: SendOutcome = { ...elsewhere, again: 'here' };
const lost: SendOutcome = { kind: 'unknown', detail: 'lost' };

/** Charged as two parts; the second link makes three of it. */
const text = 'x'.repeat(300);

describe('what a message costs us', () => {
  const stage = async () => {
    const [a, b] = [new TestLink('a'), new NarrowLink('b', 100)];
    const cost = { standard: millicredits(10), prefixes: new Map() };
    const routes = [{ links: [a.id, b.id], cost }];
    return {
      a,
      b,
      ...(await setUp({ links: [a, b], routes, delivery: { answerTimeoutMs: 5_000 } })),
    };
  };

  it.each([
    ['by the link that it was meant for', [], [], 20],
    ['by the next one, which makes more parts of it', [elsewhere, elsewhere], [], 30],
    [
      'by one that takes its parts one after the other',
      [elsewhere, elsewhere],
      [here, { kind: 'accepted', upstreamId: '1' }, here, here],
      30,
    ],
    ['by one whose answer was lost', [elsewhere, elsewhere], [lost, lost, lost], 30],
  ] as [string, SendOutcome[], SendOutcome[], number][])('%s', async (_, first, second, cost) => {
    const { world, account, a, b } = await stage();
    a.answers.push(...first);
    b.answers.push(...second);
    const message = await submitText(world, account, text);
    await world.clock.advance(60_000);
    expect(await storedMessage(world, message)).toMatchObject({ cost, parts: 2 });
  });

  it('is known as well when the answer comes after it was given up', async () => {
    const { world, account, a, b } = await stage();
    const answer = Promise.withResolvers<SendOutcome>();
    a.answers.push(elsewhere, elsewhere);
    b.answers.push(answer.promise);
    const message = await submitText(world, account, text);
    await world.clock.advance(8_000);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'unknown' });
    answer.resolve({ kind: 'accepted', upstreamId: 'late' });
    await world.clock.settle();
    expect(await storedMessage(world, message)).toMatchObject({ status: 'sent', cost: 30 });
  });
});
