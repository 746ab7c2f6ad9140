import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Authenticator, Caller, LoginMark } from '../../core/accounts/authenticate.ts';
import { parseBasicAuth } from './basic-auth.ts';

/** What a connection showed last that was right: the header, from where, and by what the log-in in it is known. */
interface Shown {
  dialect: string;
  /** Behind a proxy a connection is many people's: nobody is let in by what another has shown. */
  ip: string;
  header: Uint8Array;
  mark: LoginMark;
}

/** Characters of a header above which a connection does not remember it: an idle one holds what it remembers. */
const longestRemembered = 1_024;

/** Kept on the connection itself, see `arrival.ts`. */
const shown = Symbol('shown');

/**
 * Logs in who shows name and password by HTTP Basic. Clients show the same with each request of a connection, and to
 * decode and digest it again took 9 of the 97 µs of a message: so a connection remembers what was right on it.
 * @returns undefined when the header holds no such log-in.
 * @throws GatewayError as `Authenticator.password`.
 */
export async function logInBasic(
  authenticator: Authenticator,
  dialect: string,
  { headers: { authorization }, raw: { socket }, ip }: FastifyRequest,
): Promise<Caller | undefined> {
  if (authorization === undefined) return undefined;
  const connection = socket as Socket & { [shown]?: Shown };
  const header = Buffer.from(authorization);
  const before = connection[shown];
  if (before?.dialect === dialect && before.ip === ip && isEqual(before.header, header)) {
    const known = await authenticator.again(before.mark);
    if (known) return known.caller;
  }
  const login = parseBasicAuth(authorization);
  if (!login) return undefined;
  const { caller, mark } = await authenticator.login(dialect, login, ip);
  // A copy with memory of its own: a small `Buffer` keeps the 64 kB that it shares with others.
  if (header.length <= longestRemembered) {
    connection[shown] = { dialect, ip, header: Uint8Array.from(header), mark };
  }
  return caller;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
