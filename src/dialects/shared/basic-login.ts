import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Authenticator, Caller, LoginMark } from '../../core/accounts/authenticate.ts';
import { parseBasicAuth } from './basic-auth.ts';

/** What a connection showed last that was right: the header, and by what the log-in in it is known. */
interface Shown {
  dialect: string;
  header: Buffer;
  mark: LoginMark;
}

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
  if (before?.dialect === dialect && isEqual(before.header, header)) {
    const known = await authenticator.again(before.mark);
    if (known) return known.caller;
  }
  const login = parseBasicAuth(authorization);
  if (!login) return undefined;
  const { caller, mark } = await authenticator.login(dialect, login, ip);
  connection[shown] = { dialect, header, mark };
  return caller;
}

function isEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
