import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { toGatewayError } from './to-gateway-error.ts';

const schema = z.strictObject({
  messages: z
    .array(z.object({ to: z.string().max(5), when: z.int().min(1).max(9).nullish() }))
    .min(1),
  mode: z.enum(['a', 'b']).optional(),
  flag: z.boolean().optional(),
  ids: z.union([z.string(), z.array(z.string())]).optional(),
  text: z
    .string()
    .min(2)
    .refine((text) => text !== 'no', 'must not be no')
    .optional(),
});

describe('what a schema found', () => {
  const good = { messages: [{ to: 'x' }] };
  it.each([
    [null, undefined, 'The request must be an object.'],
    [{}, 'messages', 'messages is missing; it must be an array.'],
    [{ messages: {} }, 'messages', 'messages must be an array.'],
    [{ messages: [] }, 'messages', 'messages must have at least 1 entry.'],
    [
      { messages: [{ to: 'x' }, {}] },
      'messages[1].to',
      'messages[1].to is missing; it must be a string.',
    ],
    [{ messages: [{ to: 7 }] }, 'messages[0].to', 'messages[0].to must be a string.'],
    [
      { messages: [{ to: 'secret' }] },
      'messages[0].to',
      'messages[0].to must have at most 5 characters.',
    ],
    [
      { messages: [{ to: 'x', when: 0 }] },
      'messages[0].when',
      'messages[0].when must be at least 1.',
    ],
    [
      { messages: [{ to: 'x', when: 10 }] },
      'messages[0].when',
      'messages[0].when must be at most 9.',
    ],
    [
      { messages: [{ to: 'x', when: 1.5 }] },
      'messages[0].when',
      'messages[0].when must be a whole number.',
    ],
    [{ ...good, mode: 'c' }, 'mode', 'mode must be one of "a", "b".'],
    [{ ...good, flag: 'yes' }, 'flag', 'flag must be true or false.'],
    [{ ...good, ids: 5 }, 'ids', 'ids must be a string or an array.'],
    [{ ...good, text: 'no' }, 'text', 'text must not be no.'],
    [{ ...good, other: 1 }, undefined, "The request must not have the key 'other'."],
  ])('%j', (value, field, detail) => {
    const { error } = schema.safeParse(value);
    expect(toGatewayError(error)).toMatchObject({ code: 'invalid_request', field, detail });
  });
});

describe('other errors', () => {
  it('leaves its own as they are', () => {
    const error = new GatewayError('not_found', 'no');
    expect(toGatewayError(error)).toBe(error);
  });

  it.each([
    ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 'body_too_large'],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, 'unsupported_media_type'],
    ['FST_ERR_SOMETHING', 400, 'invalid_request'],
    ['FST_ERR_SOMETHING', 500, 'internal'],
    ['SQLITE_BUSY', 400, 'internal'],
  ])('%s with status %i is %s', (code, statusCode, expected) => {
    const error = Object.assign(new Error('inner words'), { code, statusCode });
    const made = toGatewayError(error);
    expect(made).toMatchObject({ code: expected, cause: error });
    expect(made.detail).not.toContain('inner words');
  });

  it.each([[new Error('x')], ['text'], [undefined], [null], [{ code: 1 }]])(
    '%o is internal',
    (error) => {
      expect(toGatewayError(error)).toMatchObject({ code: 'internal', cause: error });
    },
  );
});
