import type { AccountWish, WorldAccount } from '../../../test/support/world-account.ts';
import type { World } from '../../../test/support/world.ts';
import { expect } from 'vitest';
import type { DialectSuite, Stage, SuiteEndpoint, WireAnswer, WireRequest } from './suite.ts';

/** In every text the kit sends, so that it is found where no text may be. */
export const privateWord = 'quokka-in-private';

/** Sets an account into the world, and looks at every answer for what must not be in one. */
export async function setStage(
  suite: DialectSuite,
  world: World,
  wish: AccountWish = {},
  logIn: SuiteEndpoint['logIn'] = basic,
): Promise<Stage> {
  const make = (): Promise<WorldAccount> =>
    world.account({ dialect: suite.dialect.name, ...suite.account, ...wish });
  const account = await make();
  const known = [account];
  return {
    world,
    account,
    stranger: async () => {
      const stranger = await make();
      known.push(stranger);
      return stranger;
    },
    send: async (request, as = account) => {
      const answer = await inject(suite, world, as === null ? request : logIn(request, as));
      expectNoSecret([answer.body, JSON.stringify(answer.headers)], known);
      return answer;
    },
  };
}

const basic = (request: WireRequest, { authorization }: WorldAccount): WireRequest => ({
  ...request,
  headers: { authorization, ...request.headers },
});

async function inject(
  { dialect }: DialectSuite,
  world: World,
  { method, path, headers = {}, body }: WireRequest,
): Promise<WireAnswer> {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await world.inject({
    method,
    url: `/${dialect.name}${path}`,
    headers: {
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { payload }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
}

/** Fails when a password or a whole log-in stands in one of the texts. */
function expectNoSecret(texts: readonly string[], accounts: readonly WorldAccount[]): void {
  for (const { password, authorization } of accounts) {
    const secrets = [password, encodeURIComponent(password), authorization.slice('Basic '.length)];
    for (const text of texts) {
      for (const secret of secrets) {
        expect(text.includes(secret), `a secret stands in: ${text}`).toBe(false);
      }
    }
  }
}

/** Fails when a log line has a secret of the account, or a word of a message. */
export function expectCleanLog(world: World, accounts: readonly WorldAccount[]): void {
  expectNoSecret(world.log.lines, accounts);
  for (const line of world.log.lines) {
    expect(line.includes(privateWord), `a text stands in the log: ${line}`).toBe(false);
  }
}

/** What must be as it was after a refused request. */
export async function holdings(
  account: WorldAccount,
): Promise<{ credits: number; messages: number }> {
  return { credits: await account.credits(), messages: await account.messages() };
}
