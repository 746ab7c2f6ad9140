import { z } from 'zod';
import type { ConsoleContext, ConsoleRoute } from './call.ts';
import { bodyOf } from './call.ts';
import { code, email, password, token } from './fields.ts';
import { passwordPage, passwordPagePolicy } from './password-page.ts';

const address = z.strictObject({ email });
const choice = z.strictObject({ token, password });
const change = z.strictObject({ present: password, next: password });
const setUp = z.strictObject({ password });
const confirmation = z.strictObject({ code });
const disabling = z.strictObject({ password, code });

/**
 * Passwords and the second factor. Who asks for a mail is answered 202 whether or not anybody has that address.
 */
export function passwordRoutes({ gateway }: ConsoleContext): readonly ConsoleRoute[] {
  const { passwords, secondFactor } = gateway.users;
  return [
    {
      method: 'GET',
      path: '/password',
      needs: 'open',
      handle: async ({ reply }) => {
        void reply
          .headers({
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': passwordPagePolicy,
            'referrer-policy': 'no-referrer',
            'x-frame-options': 'DENY',
          })
          .send(passwordPage);
      },
    },
    {
      method: 'POST',
      path: '/password-reset/request',
      needs: 'open',
      handle: async (call) => {
        await passwords.forgot(bodyOf(call, address).email, call.address);
        call.reply.code(202);
        return { sent: 'if there is such a user' };
      },
    },
    {
      method: 'POST',
      path: '/password-reset',
      needs: 'open',
      handle: async (call) => {
        const given = bodyOf(call, choice);
        await passwords.reset(given.token, given.password, call.address);
      },
    },
    {
      method: 'POST',
      path: '/activation/request',
      needs: 'open',
      handle: async (call) => {
        await passwords.askForActivation(bodyOf(call, address).email, call.address);
        call.reply.code(202);
        return { sent: 'if somebody was invited' };
      },
    },
    {
      method: 'POST',
      path: '/activation',
      needs: 'open',
      handle: async (call) => {
        const given = bodyOf(call, choice);
        await passwords.activate(given.token, given.password, call.address);
      },
    },
    {
      method: 'POST',
      path: '/password',
      needs: 'signed-in',
      handle: async (call) => {
        const { user, session } = call.signedIn;
        await passwords.change(user, bodyOf(call, change), session.digest, call.address);
      },
    },
    {
      method: 'POST',
      path: '/two-factor/set-up',
      needs: 'signed-in',
      handle: async (call) =>
        secondFactor.setUp(call.signedIn.user, bodyOf(call, setUp).password, call.actor),
    },
    {
      method: 'POST',
      path: '/two-factor/confirm',
      needs: 'signed-in',
      handle: async (call) => {
        const given = bodyOf(call, confirmation);
        const { user } = call.signedIn;
        return { recoveryCodes: await secondFactor.confirm(user, given.code, call.actor) };
      },
    },
    {
      method: 'POST',
      path: '/two-factor/disable',
      needs: 'signed-in',
      handle: async (call) => {
        await secondFactor.disable(call.signedIn.user, bodyOf(call, disabling), call.actor);
      },
    },
  ];
}
