import { z } from 'zod';
import type { Account, CredentialKind } from '../../core/accounts/account.ts';
import { credentialKinds } from '../../core/accounts/account.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { CredentialId } from '../../core/ids.ts';
import type { Dialect } from '../../dialects/dialect.ts';
import type { ConsoleContext, ConsoleRoute } from './call.ts';
import { accountOf, bodyOf, idOf } from './call.ts';
import { label } from './fields.ts';
import { presentToken } from './present.ts';

/** A way in for an account's programs, as the console offers it. */
export interface TokenApi
  extends Pick<Dialect, 'name' | 'title' | 'credentialKinds' | 'credentialSettings'> {
  readonly secretBytes?: number;
  complaint?(credential: { username?: string | undefined }): string | undefined;
  opened?(account: Pick<Account, 'id'>, gateway: Gateway): Promise<void>;
}

const mostOfAnAccount = 200;

const wanted = z.strictObject({
  api: z.string().max(64),
  kind: z.enum(credentialKinds).optional(),
  username: z.string().max(64).optional(),
  label: label.optional(),
  /** Addresses and networks from which it may be used, where its API keeps such a list. */
  allow: z.array(z.string().max(64)).max(100).optional(),
});

/** An account's credentials: made here, shown once, and never readable again. */
export function tokenRoutes(
  { gateway }: ConsoleContext,
  apis: readonly TokenApi[],
): readonly ConsoleRoute[] {
  const ofAccount = ({ id }: Account) => gateway.credentialsOf(id);
  return [
    {
      method: 'GET',
      path: '/tokens',
      needs: 'tokens:read',
      handle: async (call) => ({
        tokens: (await ofAccount(accountOf(call))).map(presentToken),
        apis: apis.map(({ name, title, credentialKinds: kinds, credentialSettings }) => ({
          name,
          title,
          kinds,
          allow: keepsAllowList(credentialSettings),
        })),
      }),
    },
    {
      method: 'POST',
      path: '/tokens',
      needs: 'tokens:manage',
      handle: async (call) => {
        const account = accountOf(call);
        const { api: name, allow, ...given } = bodyOf(call, wanted);
        const api = apis.find((one) => one.name === name);
        if (!api) throw invalid('api', `There is no API '${name.slice(0, 64)}'.`);
        const kind = kindOf(api, given.kind);
        const complaint = api.complaint?.({ username: given.username });
        if (complaint !== undefined) throw invalid('username', complaint);
        const good = (await ofAccount(account)).filter(({ revokedAt }) => revokedAt === null);
        if (good.length >= mostOfAnAccount) {
          throw new GatewayError('forbidden', `There are ${mostOfAnAccount} tokens already.`);
        }
        const { credential, username, secret } = await gateway.owner
          .as(call.actor)
          .issueCredential(account.id, {
            dialect: api.name,
            kind,
            username: given.username,
            label: given.label,
            secretBytes: api.secretBytes,
            settings: allow === undefined ? {} : allowList(api, allow),
          });
        await api.opened?.(account, gateway);
        call.reply.code(201);
        return { ...presentToken(credential), username, secret };
      },
    },
    {
      method: 'DELETE',
      path: '/tokens/:id',
      needs: 'tokens:manage',
      handle: async (call) => {
        const id = idOf<CredentialId>(call);
        const own = (await ofAccount(accountOf(call))).some((one) => one.id === id);
        if (!own || !(await gateway.owner.as(call.actor).revokeCredential(id))) {
          throw new GatewayError('not_found', 'There is no such token, or no longer.');
        }
      },
    },
  ];
}

/** Does an API keep a list of addresses with each credential? */
function keepsAllowList(settings: TokenApi['credentialSettings']): boolean {
  return settings?.safeParse({ allow: [] }).success ?? false;
}

/** What the API's own schema makes of the list, and nothing else of what it keeps: its other limits are the owner's. */
function allowList({ credentialSettings, title }: TokenApi, allow: string[]) {
  if (!credentialSettings || !keepsAllowList(credentialSettings)) {
    throw invalid('allow', `${title} keeps no list of addresses with its tokens.`);
  }
  const parsed = credentialSettings.safeParse({ allow });
  if (!parsed.success) throw invalid('allow', 'It must be a list of addresses and networks.');
  return { allow };
}

function kindOf({ credentialKinds: kinds, title }: TokenApi, kind?: CredentialKind) {
  const chosen = kind === undefined ? kinds[0] : kinds.find((one) => one === kind);
  if (chosen === undefined) throw invalid('kind', `${title} has no tokens of this kind.`);
  return chosen;
}

function invalid(field: string, sentence: string): GatewayError {
  return new GatewayError('invalid_request', sentence, { field });
}
