import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MessageId, ReplyId } from '../../core/ids.ts';
import { guidOf, madeAt, messageOfGuid, replyGuidOf, replyNumberOf, replyOfGuid } from './guid.ts';

const id = '019ca6b1-dc00-7000-8000-000000000008';

it('a guid of a sent message has the shape of a SHA-1, and leads back to its message', () => {
  expect(guidOf(id as MessageId)).toMatch(/^019ca6b1dc0070008000000000000008[0-9a-f]{8}$/);
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      const guid = guidOf(uuid as MessageId);
      expect(guid).toMatch(/^[0-9a-f]{40}$/);
      expect(messageOfGuid(guid)).toBe(uuid);
      expect(messageOfGuid(` ${guid.toUpperCase()} `)).toBe(uuid);
    }),
  );
});

it('a guid that is made up leads nowhere', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({
          unit: fc.constantFrom(...'0123456789abcdef'.split('')),
          minLength: 40,
          maxLength: 40,
        }),
      ),
      (guid) => {
        expect(messageOfGuid(guid)).toBeUndefined();
      },
    ),
    { seed: 1 },
  );
  expect(messageOfGuid(`${guidOf(id as MessageId).slice(0, -1)}x`)).toBeUndefined();
});

it('a received message has an upper-case UUID, and a number that grows and fits', () => {
  expect(replyOfGuid(replyGuidOf(id as ReplyId))).toBe(id);
  expect(replyOfGuid('nonsense')).toBeUndefined();
  const later = '019ca6b1-dc01-7000-8000-000000000000' as ReplyId;
  expect(replyNumberOf(later)).toBeGreaterThan(replyNumberOf(id as ReplyId));
  expect(
    Number.isSafeInteger(replyNumberOf('02ffffff-ffff-7fff-bfff-ffffffffffff' as ReplyId)),
  ).toBe(true);
  expect(madeAt(id)).toBe(0x019ca6b1dc00);
});
