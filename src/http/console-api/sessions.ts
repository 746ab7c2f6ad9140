import { z } from 'zod';
import type { Opened } from '../../core/users/sign-in.ts';
import { shown } from '../../core/users/user.ts';
import { abilities, may } from '../../core/users/roles.ts';
import type { Call, ConsoleContext, ConsoleRoute, OpenCall } from './call.ts';
import { bodyOf } from './call.ts';
import type { SessionCookie } from './cookie.ts';
import { code, email, password } from './fields.ts';
import { presentUser } from './present.ts';

const login = z.strictObject({ email, password });
const secondStep = z.strictObject({ code });
const leaving = z.strictObject({ everywhere: z.boolean().default(false) });

/** Log-in, its second step, log-out, and who is logged in. */
export function sessionRoutes(
  { gateway }: ConsoleContext,
  cookie: SessionCookie,
): readonly ConsoleRoute[] {
  const { signIn } = gateway.users;
  const answer = ({ reply }: OpenCall, { token, stage, endsAt }: Opened) => {
    const lifeMs = endsAt - gateway.delivery.clock.now();
    reply.header('set-cookie', cookie.set(token, lifeMs));
    return { next: stage === 'code' ? 'code' : 'done' };
  };
  return [
    {
      method: 'POST',
      path: '/login',
      needs: 'open',
      handle: async (call) => answer(call, await signIn.logIn(bodyOf(call, login), call.address)),
    },
    {
      method: 'POST',
      path: '/login/code',
      needs: 'open',
      handle: async (call) => {
        const given = bodyOf(call, secondStep);
        return answer(call, await signIn.enterCode(call.token, given.code, call.address));
      },
    },
    {
      method: 'POST',
      path: '/logout',
      needs: 'open',
      handle: async (call) => {
        await signIn.logOut(call.token, bodyOf(call, leaving));
        call.reply.header('set-cookie', cookie.clear());
      },
    },
    {
      method: 'GET',
      path: '/me',
      needs: 'signed-in',
      handle: async (call) => presentMe(call),
    },
  ];
}

function presentMe({ signedIn }: Call) {
  const { user, account, session } = signedIn;
  return {
    user: presentUser(shown(user)),
    account: account && { id: account.id, name: account.name },
    may: abilities.filter((ability) => may(user.role, ability)),
    recoveryCodesLeft: user.recoveryCodes.length,
    session: {
      since: new Date(session.createdAt).toISOString(),
      endsAt: new Date(session.endsAt).toISOString(),
    },
  };
}
