import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

/** A page of another site cannot send it without asking us first (CORS), and we never say yes. */
export const ownHeader = 'x-parlance-console';

/**
 * Refuses what another site has a browser send (cross-site request forgery), beside the cookie that is
 * SameSite=Strict: whatever changes something must have our header, and where the browser says from where it comes,
 * that must be here.
 * @throws GatewayError `forbidden`.
 */
export function requireSameSite({ method, headers }: IncomingMessage, publicUrl: string): void {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return;
  if (headers[ownHeader] === undefined) {
    throw new GatewayError('forbidden', `The header ${ownHeader} is missing.`, {
      field: ownHeader,
    });
  }
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  const here = site === undefined || site === 'same-origin' || site === 'none';
  if (here && (origin === undefined || isOurs(origin, headers.host, publicUrl))) return;
  throw new GatewayError('forbidden', 'The request comes from another site.');
}

function isOurs(origin: string, host: string | undefined, publicUrl: string): boolean {
  const url = URL.parse(origin);
  return url !== null && (url.host === host || url.origin === URL.parse(publicUrl)?.origin);
}
