import { z } from 'zod';
import type { AuditId } from '../../core/ids.ts';
import type { ConsoleContext, ConsoleRoute } from './call.ts';
import { queryOf } from './call.ts';
import { count } from './fields.ts';
import { presentEntry } from './present.ts';

const search = z.object({
  limit: count(200, 50),
  /** The id of the last entry of the page before. */
  before: z
    .string()
    .regex(/^[0-9a-f-]{36}$/, 'must be the id of an entry')
    .optional(),
});

/** What was changed by whom, newest first: in an account, or, for the owner's users, anywhere. */
export function auditRoutes({ gateway }: ConsoleContext): readonly ConsoleRoute[] {
  return [
    {
      method: 'GET',
      path: '/audit',
      needs: 'audit:read',
      handle: async (call) => {
        const { limit, before } = queryOf(call, search);
        const entries = await gateway.auditLog({
          accountId: call.account?.id,
          before: before as AuditId | undefined,
          limit,
        });
        const next = entries.length === limit ? (entries.at(-1)?.id ?? null) : null;
        return { entries: entries.map(presentEntry), next };
      },
    },
  ];
}
