import { GatewayError } from '../../core/errors.ts';
import type { Page } from '../../core/ports/storage.ts';
import type { Query } from './query.ts';
import { parameter } from './query.ts';

/** Beyond it a list is not read: an offset costs what it passes over. */
const furthest = 1_000_000;

/**
 * Reads `limit` and `offset`. A limit over the most is cut down to it, so that a client that asks for
 * everything gets a full page.
 * @throws GatewayError `invalid_request` for what is no whole number, or an offset out of reach.
 */
export function readPage(query: Query, limits: { usual: number; most: number }): Page {
  const limit = wholeNumber(query, 'limit', 1) ?? limits.usual;
  const offset = wholeNumber(query, 'offset', 0) ?? 0;
  if (offset > furthest) {
    throw new GatewayError('invalid_request', `offset must be at most ${furthest}.`, {
      field: 'offset',
    });
  }
  return { limit: Math.min(limit, limits.most), offset };
}

function wholeNumber(query: Query, name: string, least: number): number | undefined {
  const text = parameter(query, name);
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
    throw new GatewayError('invalid_request', `${name} must be a whole number from ${least}.`, {
      field: name,
    });
  }
  return Number(text);
}
