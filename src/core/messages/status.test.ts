import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageStatus, PartStatus } from './status.ts';
import { isFinal, mayMove, mayMovePart, messageStatuses, messageStatusOf } from './status.ts';

const ends: MessageStatus[] = ['delivered', 'failed', 'expired', 'rejected', 'cancelled'];

describe('the state machine of a message', () => {
  it.each(ends)('never leaves %s', (end) => {
    expect(isFinal(end)).toBe(true);
    expect(messageStatuses.filter((to) => mayMove(end, to))).toEqual([]);
  });

  it('never comes back to where it was before it was sent', () => {
    for (const from of ['sent', 'unknown', ...ends] as const) {
      for (const to of ['scheduled', 'queued', 'sending'] as const) {
        expect(mayMove(from, to), `${from} → ${to}`).toBe(false);
      }
    }
  });

  it('reaches an end from everywhere', () => {
    for (const status of messageStatuses) {
      const seen = new Set<MessageStatus>([status]);
      for (const one of seen) for (const to of messageStatuses) if (mayMove(one, to)) seen.add(to);
      expect([...seen].some(isFinal), status).toBe(true);
    }
  });

  it('lets better news follow an unknown end', () => {
    expect(mayMove('unknown', 'delivered')).toBe(true);
    expect(mayMovePart('unknown', 'delivered')).toBe(true);
    expect(mayMove('delivered', 'unknown')).toBe(false);
  });
});

describe('what the parts say of their message', () => {
  const status = fc.constantFrom<PartStatus>(
    'sending',
    'sent',
    'delivered',
    'failed',
    'expired',
    'rejected',
    'unknown',
  );

  it('is delivered when all are, a bad end when one has it, else no news', () => {
    fc.assert(
      fc.property(fc.array(status, { minLength: 1, maxLength: 8 }), (parts) => {
        const bad = parts.find((part) => ['failed', 'expired', 'rejected'].includes(part));
        const expected =
          bad ?? (parts.every((part) => part === 'delivered') ? 'delivered' : 'sent');
        expect(messageStatusOf(parts)).toBe(expected);
      }),
    );
  });

  it('does not depend on the order in which receipts come, nor on repeated ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<PartStatus>('delivered', 'failed'), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.infiniteStream(fc.nat()),
        (news, order) => {
          const parts: PartStatus[] = news.map(() => 'sent');
          const queue = news.flatMap((status, index) => [
            { status, index },
            { status: status === 'delivered' ? ('failed' as const) : status, index },
            { status, index },
          ]);
          // The first word on each part stays; what comes later about it changes nothing.
          const first = new Map<number, PartStatus>();
          while (queue.length > 0) {
            const pick = (order.next().value as number) % queue.length;
            const [one] = queue.splice(pick, 1);
            if (!one) break;
            if (!first.has(one.index)) first.set(one.index, one.status);
            const now = parts[one.index] as PartStatus;
            if (mayMovePart(now, one.status)) parts[one.index] = one.status;
          }
          expect(parts).toEqual(news.map((_, index) => first.get(index)));
        },
      ),
    );
  });
});
