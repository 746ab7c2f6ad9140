import { expect, it } from 'vitest';
import { signatureHeaders } from './signature.ts';

it('makes the documented signature (reference A.8)', () => {
  expect(signatureHeaders('abc123', '{"test":1}', 1_754_640_000_999)).toEqual({
    'X-MM-Timestamp': '1754640000',
    'X-MM-Signature': '52344b9592722e0241d82036e0920f4286bc0d47ba4624c5a1588193490a1efb',
  });
});
