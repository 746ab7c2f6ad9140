import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from '../../core/accounts/account.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SignedIn } from '../../core/users/sign-in.ts';
import { actorOf } from '../../core/users/sign-in.ts';
import { may } from '../../core/users/roles.ts';
import type { Refusal } from '../../dialects/dialect.ts';
import { addBodyParser } from '../../dialects/shared/body.ts';
import { addErrorHandler, refuse } from '../../dialects/shared/error-handler.ts';
import type { Query } from '../../dialects/shared/query.ts';
import { parameter } from '../../dialects/shared/query.ts';
import { statusOf } from '../refusals.ts';
import { auditRoutes } from './audit.ts';
import type { Call, ConsoleContext, ConsoleRoute, OpenCall } from './call.ts';
import { campaignRoutes } from './campaigns.ts';
import { SessionCookie } from './cookie.ts';
import { passwordRoutes } from './passwords.ts';
import { requireSameSite } from './same-site.ts';
import { sessionRoutes } from './sessions.ts';
import type { TokenApi } from './tokens.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';

/** Where the console's API is, on every host. */
export const consolePrefix = '/api/console';

const usualBodyBytes = 64 * 1024;

/** Answers are one user's and of this moment. */
const discreet = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** What the console calls: who is logged in is known by a cookie, and whatever he asks for is asked of his role. */
export function consoleApi(context: ConsoleContext, apis: readonly TokenApi[]) {
  return {
    prefixes: [consolePrefix],
    mount(server: FastifyInstance): void {
      const cookie = new SessionCookie(context.publicUrl);
      const routes: readonly ConsoleRoute[] = [
        ...sessionRoutes(context, cookie),
        ...passwordRoutes(context),
        ...userRoutes(context),
        ...tokenRoutes(context, apis),
        ...auditRoutes(context),
        ...campaignRoutes(context),
      ];
      mountRoutes(server, { context, cookie, routes });
    },
    refuse: refusalOf,
  };
}

/** The one shape of errors. */
function refusalOf({ code, detail, field }: GatewayError): Refusal {
  return {
    status: statusOf[code],
    contentType: 'application/json; charset=utf-8',
    headers: discreet,
    body: JSON.stringify({ error: { code, message: detail, ...(field && { field }) } }),
  };
}

function mountRoutes(
  server: FastifyInstance,
  given: { context: ConsoleContext; cookie: SessionCookie; routes: readonly ConsoleRoute[] },
): void {
  const { context, cookie, routes } = given;
  const bodyBytes = new Map(routes.map((route) => [nameOf(route), route.bodyBytes]));
  addBodyParser(server, ({ method, routeOptions: { url = '' } }) => {
    const most = bodyBytes.get(nameOf({ method, path: url.slice(consolePrefix.length) }));
    return most === undefined ? usualBodyBytes : most;
  });
  addErrorHandler(server, refusalOf);
  server.setNotFoundHandler((request, reply) => {
    refuse(new GatewayError('not_found', 'There is nothing here.'), request, reply, refusalOf);
  });
  for (const route of routes) {
    const calls = new WeakMap<FastifyRequest, Call | OpenCall>();
    server.route({
      method: route.method,
      url: route.path,
      // Who may not is refused before his body is read.
      onRequest: async (request, reply) => {
        reply.headers(discreet);
        requireSameSite(request.raw, context.publicUrl);
        const token = cookie.read(request.headers.cookie);
        const open: OpenCall = { request, reply, token, address: request.ip };
        calls.set(request, route.needs === 'open' ? open : await admit(context, open, route.needs));
      },
      handler: async (request, reply) => {
        const call = calls.get(request) as Call;
        return answer(reply, await route.handle(call));
      },
    });
  }
}

function nameOf({ method, path }: { method: string; path: string }): string {
  return `${method} ${path}`;
}

function answer(reply: FastifyReply, body: unknown): FastifyReply {
  if (reply.sent) return reply;
  if (body === undefined) return reply.code(204).send();
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** @throws GatewayError `unauthenticated`, `account_suspended`, `forbidden`, `not_found`. */
async function admit(
  { gateway }: ConsoleContext,
  open: OpenCall,
  needs: Exclude<ConsoleRoute['needs'], 'open'>,
): Promise<Call> {
  const signedIn = open.token === '' ? undefined : await gateway.users.signIn.identify(open.token);
  if (!signedIn) throw new GatewayError('unauthenticated', 'You are not logged in.');
  const { user } = signedIn;
  if (needs !== 'signed-in' && !may(user.role, needs)) {
    throw new GatewayError('forbidden', `Who is ${user.role} may not do that.`);
  }
  const named = parameter(open.request.query as Query, 'account');
  const account =
    named === undefined ? signedIn.account : await namedAccount(gateway, signedIn, named);
  const actor = actorOf(user, open.address);
  return { ...open, signedIn, actor, manager: { actor, role: user.role }, account };
}

/** The account of a name, for who may act in it: nobody else learns whether it is there. */
async function namedAccount(
  gateway: ConsoleContext['gateway'],
  { user, account: own }: SignedIn,
  name: string,
): Promise<Account> {
  if (own?.name === name) return own;
  const plain = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name);
  const found =
    user.accountId === null && plain ? await gateway.owner.findAccount(name) : undefined;
  if (!found)
    throw new GatewayError('not_found', 'There is no such account.', { field: 'account' });
  return found;
}
