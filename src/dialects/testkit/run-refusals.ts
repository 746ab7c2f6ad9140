import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { overlongBodies } from './overlong.ts';
import { expectCleanLog, holdings, setStage } from './stage.ts';
import type { DialectSuite, Stage, SuiteEndpoint, WireAnswer, WireRequest } from './suite.ts';

/** Failed log-ins are counted by address and minute. */
const overAMinute = 61_000;

const brokenJson = [
  '{',
  '{"a":',
  '{"a":1}}',
  "{'a':1}",
  '\u0000',
  'undefined',
  '{"a":"\u0001"}',
  '['.repeat(100),
];

const usualWrongLogIns: NonNullable<DialectSuite['wrongLogIns']> = [
  ['a wrong password', { password: 'not it' }],
  ['an unknown name', { username: 'nobody' }],
  ['an empty log-in', { username: '', password: '' }],
];

/** What is tried on every endpoint of every dialect. */
export function runRefusals(suite: DialectSuite): void {
  describe(`${suite.dialect.title}: refusals`, () => {
    describeRefusals(suite);
  });
}

function describeRefusals(suite: DialectSuite): void {
  const { refusals, endpoints } = suite;
  let world: World;
  let stage: Stage;
  beforeAll(async () => {
    world = await createWorld({ dialects: [suite.dialect], dispatch: false, ...suite.world });
  });
  afterAll(() => world.close());
  afterEach(() => expectCleanLog(world, [stage.account]));

  const expectRefused = (answer: WireAnswer, kind: keyof typeof refusals): void =>
    expectRefusal(answer, refusals[kind]);
  const expectStranger = (answer: WireAnswer, authorization: string | null): void =>
    expectRefusal(answer, suite.strangers?.(authorization) ?? refusals.unauthenticated);
  const expectRefusal = (
    answer: WireAnswer,
    { status, body }: (typeof refusals)[keyof typeof refusals],
  ): void => {
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status });
    if (body !== undefined) expect(answer.body).toBe(body);
    suite.expectError(answer);
  };

  describe.each(endpoints.map((endpoint) => [endpoint.name, endpoint] as const))(
    '%s',
    (_, endpoint) => {
      // One for all that is refused: it is the same afterwards, which each test sees to.
      let request: WireRequest;
      beforeAll(async () => {
        stage = await setStage(suite, world, {}, endpoint.logIn);
        request = await good(endpoint, stage);
      });
      beforeEach(() => world.clock.advance(overAMinute));
      /** Sends, and sees to it that nothing was stored or charged. */
      const refused = async (
        request: WireRequest,
        as?: Parameters<Stage['send']>[1],
      ): Promise<WireAnswer> => {
        const before = await holdings(stage.account);
        const answer = await stage.send(request, as);
        expect(await holdings(stage.account)).toEqual(before);
        return answer;
      };

      it('answers a good request', async () => {
        const own = await setStage(suite, world, {}, endpoint.logIn);
        const answer = await own.send(await good(endpoint, own));
        expect({ status: answer.status, body: answer.body }).toMatchObject({
          status: endpoint.status ?? 200,
        });
      });

      it('answers a good request with a slash at the end of its path', async () => {
        const own = await setStage(suite, world, {}, endpoint.logIn);
        const asked = await good(endpoint, own);
        const answer = await own.send({ ...asked, path: withSlash(asked.path) });
        expect({ status: answer.status, body: answer.body }).toMatchObject({
          status: endpoint.status ?? 200,
        });
      });

      it('refuses who does not log in', async () => {
        expectStranger(await refused(request, null), null);
      });

      it.each(suite.wrongLogIns ?? usualWrongLogIns)('refuses %s', async (_name, wrong) => {
        const { account } = stage;
        const login = { ...account, ...wrong };
        const text = Buffer.from(`${login.username}:${login.password}`).toString('base64');
        const answer = await refused(request, { ...login, authorization: `Basic ${text}` });
        expectRefused(answer, 'unauthenticated');
      });

      it.each(['Basic', 'Basic !!!', 'Basic dXNlcg==', 'Bearer abc', 'Digest username="x"', ' '])(
        'refuses the header Authorization: %s',
        async (authorization) => {
          const { headers, ...rest } = request;
          const answer = await refused({ ...rest, headers: { ...headers, authorization } }, null);
          expectStranger(answer, authorization);
        },
      );

      it('refuses a suspended account', async () => {
        const { account } = stage.account;
        const { owner } = world.gateway;
        await owner.updateAccount({ ...account, status: 'suspended' });
        expectRefused(await refused(request), 'suspended');
        await owner.updateAccount(account);
      });

      it('refuses headers of 10 000 bytes', async () => {
        const headers = { ...request.headers, 'x-long': 'x'.repeat(10_000) };
        expectRefused(await refused({ ...request, headers }), 'headersTooLarge');
      });

      it.each([...endpoint.wrongMethods])('refuses the method %s', async (method) => {
        const { path, headers } = request;
        const wrong = { method, path, ...(headers && { headers }) };
        const answer = await refused(wrong);
        expectRefused(answer, 'wrongMethod');
        expect(answer.headers['allow']).toBeTypeOf('string');
        // Who does not log in is told that, whatever the method.
        expectStranger(await refused(wrong, null), null);
      });

      const { foreign, bodyLimit } = endpoint;
      if (foreign) {
        it('keeps what belongs to another account', async () => {
          const own = await setStage(suite, world, {}, endpoint.logIn);
          const stranger = await own.stranger();
          const asked = await foreign.request(own, stranger);
          const before = await holdings(stranger);
          const answer = await own.send(asked);
          await foreign.expect(answer, stranger);
          expect(await holdings(stranger)).toEqual(before);
        });
      }
      if (bodyLimit !== undefined) {
        it.each(brokenJson)('refuses broken JSON: %j', async (body) => {
          expectRefused(await refused({ ...request, body }), 'brokenJson');
        });

        it.each(['declared', 'chunked'] as const)('refuses too long a body, %s', async (how) => {
          const before = await holdings(stage.account);
          const answers = await overlongBodies(world, {
            path: `/${suite.dialect.name}${request.path}`,
            method: request.method,
            authorization: stage.account.authorization,
            how,
            size: bodyLimit + 1,
          });
          for (const answer of answers) expectRefused(answer, 'bodyTooLarge');
          expect(await holdings(stage.account)).toEqual(before);
        });
      }
    },
  );

  describe('unknown paths', () => {
    it.each([...suite.unknownPaths])('%s', async (path) => {
      stage = await setStage(suite, world);
      for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const) {
        const body = method === 'GET' ? {} : { body: '{"broken' };
        expectRefused(await stage.send({ method, path, ...body }), 'unknownPath');
        expectRefused(await stage.send({ method, path, ...body }, null), 'unknownPath');
      }
    });
  });
}

function good({ request }: SuiteEndpoint, stage: Stage): Promise<WireRequest> {
  return typeof request === 'function' ? request(stage) : Promise.resolve(request);
}

function withSlash(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? `${path}/` : `${path.slice(0, query)}/${path.slice(query)}`;
}
