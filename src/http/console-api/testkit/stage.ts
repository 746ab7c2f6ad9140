import type { Account } from '../../../core/accounts/account.ts';
import type { NodeId, UserId } from '../../../core/ids.ts';
import type { Mail } from '../../../core/ports/mailer.ts';
import type { Role } from '../../../core/users/roles.ts';
import { codeAt, fromBase32 } from '../../../core/users/totp.ts';
import { ownerActor } from '../../../core/audit/entry.ts';
import { dialects } from '../../../dialects/index.ts';
import { wayIn as smppWayIn } from '../../../smpp-server/index.ts';
import type { World, WorldWish } from '../../../../test/support/world.ts';
import { createWorld } from '../../../../test/support/world.ts';
import { consoleApi, consolePrefix } from '../index.ts';
import { ownHeader } from '../same-site.ts';

export const goodPassword = 'a long enough password';
const owner = { actor: ownerActor, role: 'owner' } as const;

/** What a request came to. */
export interface Answer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at whatever was answered
  body: any;
  headers: Record<string, unknown>;
}

/** Somebody at a browser: his cookie goes with him. */
export interface Browser {
  cookie: string;
  ask(method: string, path: string, body?: unknown, headers?: object): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
}

export interface Person extends Browser {
  id: UserId;
  email: string;
  password: string;
}

export interface Stage {
  world: World;
  /** All that was written, in order. */
  mails: Mail[];
  /** Sends what waits in the outbox. */
  sendMail(): Promise<void>;
  /** The token in the newest mail to an address. */
  tokenTo(email: string): string;
  browser(address?: string): Browser;
  /** A user who is active and logged in. @param account null: one of the owner's. */
  person(role: Role, account: Account | null, email?: string): Promise<Person>;
  /** Switches the second factor on. @returns its secret and the recovery codes. */
  twoFactor(person: Person): Promise<{ secret: string; recoveryCodes: string[] }>;
  /** The code of an app at this moment, or so many steps later. */
  codeOf(secret: string, later?: number): string;
  /** Lets the windows of all limits pass. */
  later(): Promise<void>;
  close(): Promise<void>;
}

/** The console's API on a world of its own. */
export async function createStage(wish: WorldWish = {}): Promise<Stage> {
  const world = await createWorld({
    dispatch: false,
    mounted: (context) => [consoleApi(context, [...dialects, smppWayIn])],
    ...wish,
  });
  const { users } = world.gateway;
  const mails: Mail[] = [];
  const mailer = {
    send: async (mail: Mail) => {
      mails.push(mail);
    },
  };
  let people = 0;

  const browser = (address = '192.0.2.1'): Browser => {
    const self: Browser = {
      cookie: '',
      async ask(method, path, body, headers = {}) {
        const answer = await world.inject({
          method: method as 'POST',
          url: `${consolePrefix}${path}`,
          remoteAddress: address,
          headers: {
            ...(self.cookie && { cookie: self.cookie }),
            [ownHeader]: '1',
            ...headers,
          },
          ...(body !== undefined && { payload: JSON.stringify(body) }),
        });
        const set = answer.headers['set-cookie'];
        if (typeof set === 'string') self.cookie = set.split(';')[0] ?? '';
        const isJson = String(answer.headers['content-type']).includes('json');
        return {
          status: answer.statusCode,
          body: isJson ? (JSON.parse(answer.body) as unknown) : answer.body,
          headers: answer.headers,
        };
      },
      get: (path) => self.ask('GET', path),
      post: (path, body = {}) => self.ask('POST', path, body),
    };
    return self;
  };

  const stage: Stage = {
    world,
    mails,
    async sendMail() {
      while ((await users.post.deliver(mailer, 'test node' as NodeId)).tried > 0);
    },
    tokenTo(email) {
      const text = mails.findLast(({ to }) => to === email)?.text ?? '';
      const token = /#(?:activation|reset)=(\S+)/.exec(text)?.[1];
      if (token === undefined) throw new Error(`there is no mail with a token to ${email}`);
      return token;
    },
    browser,
    async person(role, account, email) {
      const address = email ?? `person-${++people}@example.org`;
      const { id } = await users.book.invite(owner, account?.id ?? null, {
        email: address,
        name: 'A Person',
        role,
      });
      await stage.sendMail();
      await users.passwords.activate(
        stage.tokenTo(address),
        goodPassword,
        `198.51.100.${people % 250}`,
      );
      const self = browser();
      const came = await self.post('/login', { email: address, password: goodPassword });
      if (came.status !== 200) throw new Error(`the log-in came to ${came.status}`);
      return Object.assign(self, { id, email: address, password: goodPassword });
    },
    async twoFactor(person) {
      const { body: made } = await person.post('/two-factor/set-up', { password: goodPassword });
      const { secret } = made as { secret: string };
      const { body } = await person.post('/two-factor/confirm', { code: stage.codeOf(secret) });
      return { secret, recoveryCodes: (body as { recoveryCodes: string[] }).recoveryCodes };
    },
    codeOf: (secret, later = 0) =>
      codeAt(fromBase32(secret), Math.floor(world.clock.now() / 30_000) + later),
    later: () => world.clock.advance(5 * 60_000),
    close: () => world.close(),
  };
  return stage;
}
