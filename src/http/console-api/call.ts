import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import type { Account } from '../../core/accounts/account.ts';
import type { Actor } from '../../core/audit/entry.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { Ability } from '../../core/users/roles.ts';
import type { SignedIn } from '../../core/users/sign-in.ts';
import type { Manager } from '../../core/users/user-book.ts';
import { parseJson } from '../../dialects/shared/json.ts';

/** What the endpoints are made with. */
export interface ConsoleContext {
  gateway: Gateway;
  /** Where the console is reached, without a slash at the end. */
  publicUrl: string;
}

/** A request of anybody. */
export interface OpenCall {
  request: FastifyRequest;
  reply: FastifyReply;
  /** What its cookie holds; empty for none. */
  token: string;
  address: string;
}

/** A request of somebody who is logged in and may do what he asks. */
export interface Call extends OpenCall {
  signedIn: SignedIn;
  actor: Actor;
  manager: Manager;
  /**
   * In whose things he works: his own account, or for the owner's users the one that `?account=` names; null: the
   * owner's own.
   */
  account: Account | null;
}

interface RouteOf<Needs, Given> {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the prefix. */
  path: string;
  /** `open`: of anybody; `signed-in`: of everybody who is logged in. */
  needs: Needs;
  /** The most bytes of its body, default 64 KiB; null: `request.body` is the stream. */
  bodyBytes?: number | null;
  /** What is sent as JSON; undefined: 204, unless the reply was sent. */
  handle(call: Given): Promise<unknown>;
}

/** An endpoint. */
export type ConsoleRoute = RouteOf<'open', OpenCall> | RouteOf<'signed-in' | Ability, Call>;

/** The body as JSON in a form. @throws GatewayError `invalid_json`, ZodError. */
export function bodyOf<T>({ request }: OpenCall, form: ZodType<T>): T {
  return form.parse(parseJson(request.body as Buffer | undefined) ?? {});
}

/** The query in a form; of what comes twice the form decides. */
export function queryOf<T>({ request }: OpenCall, form: ZodType<T>): T {
  return form.parse(request.query);
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id in the path. @throws GatewayError `not_found` for what can be none. */
export function idOf<Id extends string>({ request }: OpenCall): Id {
  const { id = '' } = request.params as { id?: string };
  if (!uuid.test(id)) throw new GatewayError('not_found', 'There is nothing here.');
  return id as Id;
}

/** The account that is meant. @throws GatewayError `invalid_request` when the owner's user did not say which. */
export function accountOf({ account }: Call): Account {
  if (account) return account;
  throw new GatewayError('invalid_request', 'Say which account is meant: ?account=<name>.', {
    field: 'account',
  });
}
