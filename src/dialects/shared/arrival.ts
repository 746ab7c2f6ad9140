import type { Readable } from 'node:stream';
import { GatewayError } from '../../core/errors.ts';

/**
 * The bytes of a body that is read as it comes. Who stops reading leaves the connection open for an answer.
 * @throws GatewayError `body_incomplete` when its client goes away.
 */
export async function* arriving(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch (error) {
    throw new GatewayError('body_incomplete', 'The body ended before it was complete.', {
      cause: error,
    });
  }
}
