import { z } from 'zod';
import type { UserId } from '../../core/ids.ts';
import type { Call, ConsoleContext, ConsoleRoute } from './call.ts';
import { bodyOf, idOf, queryOf } from './call.ts';
import { count, email, name, role } from './fields.ts';
import { presentUser } from './present.ts';

const invitation = z.strictObject({ email, name, role });
const change = z.strictObject({
  name: name.optional(),
  role: role.optional(),
  status: z.enum(['active', 'suspended']).optional(),
});
const page = z.object({ limit: count(200, 200), offset: count(1_000_000, 0) });

/** The users of an account, or of the owner. */
export function userRoutes({ gateway }: ConsoleContext): readonly ConsoleRoute[] {
  const { book } = gateway.users;
  const scopeOf = ({ account }: Call) => account?.id ?? null;
  return [
    {
      method: 'GET',
      path: '/users',
      needs: 'users:read',
      handle: async (call) => {
        const users = await book.list(scopeOf(call), queryOf(call, page));
        return { users: users.map(presentUser) };
      },
    },
    {
      method: 'POST',
      path: '/users',
      needs: 'users:manage',
      handle: async (call) => {
        const user = await book.invite(call.manager, scopeOf(call), bodyOf(call, invitation));
        call.reply.code(201);
        return presentUser(user);
      },
    },
    {
      method: 'GET',
      path: '/users/:id',
      needs: 'users:read',
      handle: async (call) => presentUser(await book.find(scopeOf(call), idOf<UserId>(call))),
    },
    {
      method: 'PATCH',
      path: '/users/:id',
      needs: 'users:manage',
      handle: async (call) => {
        const id = idOf<UserId>(call);
        return presentUser(
          await book.change(call.manager, scopeOf(call), id, bodyOf(call, change)),
        );
      },
    },
    {
      method: 'DELETE',
      path: '/users/:id',
      needs: 'users:manage',
      handle: (call) => book.remove(call.manager, scopeOf(call), idOf<UserId>(call)),
    },
    {
      method: 'POST',
      path: '/users/:id/invitation',
      needs: 'users:manage',
      handle: async (call) => {
        await book.inviteAgain(scopeOf(call), idOf<UserId>(call));
        call.reply.code(202);
        return { sent: true };
      },
    },
  ];
}
