import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { RequestErrorCode } from '../../core/errors.ts';
import { GatewayError } from '../../core/errors.ts';
import { refusalOf, wireErrors } from './errors.ts';
import type { Answer } from './testkit/client.ts';
import { Client } from './testkit/client.ts';

describe('refusalOf', () => {
  it.each(Object.entries(wireErrors))('%s has a status and words', (code, { http, text }) => {
    const refusal = refusalOf(new GatewayError(code as RequestErrorCode, 'The sentence.'));
    const words = text ?? 'The sentence.';
    expect(refusal.status).toBe(http);
    expect(refusal.contentType).toBe('application/json; charset=utf-8');
    expect(JSON.parse(refusal.body)).toStrictEqual(
      http === 400 ? { error: words, message: words } : { error: words },
    );
  });

  it('has a 5xx for what is our fault, and for nothing else', () => {
    const ours = Object.entries(wireErrors).flatMap(([code, { http }]) =>
      http < 500 ? [] : [code],
    );
    expect(ours.toSorted()).toEqual(['internal', 'overloaded', 'storage_unavailable']);
  });

  it('asks for a log-in in words that browsers and clients know', () => {
    expect(refusalOf(new GatewayError('unauthenticated', 'x')).headers).toEqual({
      'www-authenticate': 'Basic realm="Mobile Message", charset="UTF-8"',
    });
  });
});

describe('what is logged of a request that fails', () => {
  let world: World;
  let client: Client;
  let submit: World['gateway']['submit'];
  beforeAll(async () => {
    world = await createWorld({ dispatch: false });
    submit = world.gateway.submit.bind(world.gateway);
  });
  beforeEach(async () => {
    client = new Client(world, await world.account());
    world.gateway.submit = submit;
    world.log.lines.length = 0;
  });
  afterAll(() => world.close());

  const fails = (error: Error): Promise<Answer> => {
    world.gateway.submit = async () => {
      throw error;
    };
    return client.send([{ message: 'private words' }]);
  };
  /** The one line that there is. */
  const line = (): object => {
    expect(world.log.lines).toHaveLength(1);
    expect(world.log.lines[0]).not.toContain('private words');
    return JSON.parse(world.log.lines[0] as string) as object;
  };
  const route = { method: 'POST', route: '/mobilemessage/v1/messages' };

  it('is a line for information for what is the client’s business', async () => {
    expect((await client.send([{ to: 5 as never }])).status).toBe(400);
    expect(line()).toMatchObject({ level: 30, code: 'invalid_request', status: 400, ...route });
  });

  it('is nothing for a request that is answered, also with errors', async () => {
    await client.send([{ to: 'nobody' }]);
    expect(world.log.lines).toEqual([]);
  });

  it('is a warning when the storage cannot be reached, with its cause', async () => {
    const cause = new Error('disk full');
    const error = new GatewayError('storage_unavailable', 'The storage has no room left.', {
      cause,
      retryAfterMs: 30_000,
    });
    expect(await fails(error)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '30' },
      body: '{"error":"The storage has no room left."}',
    });
    expect(line()).toMatchObject({
      level: 40,
      code: 'storage_unavailable',
      cause: 'disk full',
    });
  });

  it.each([
    [new Error('inner words')],
    [Object.assign(new Error('inner words'), { code: 'ERR_X', statusCode: 400 })],
  ])('is an error for a defect, of which the client learns nothing', async (error) => {
    const answer = await fails(error);
    expect(answer).toMatchObject({
      status: 500,
      body: '{"error":"Something went wrong on our side."}',
    });
    expect(line()).toMatchObject({ level: 50, code: 'internal', ...route });
    expect(world.log.lines[0]).toContain('inner words');
  });

  it.each([
    ['/v1/unknown?api_password=secret', 404],
    ['/simple/send-sms?api_username=a&api_password=secret', 401],
  ])('never has the query of %s', async (path, status) => {
    const answer = await world.inject({ url: `/mobilemessage${path}` });
    expect(answer.statusCode).toBe(status);
    expect(line()).toMatchObject({ level: 30, status });
    expect(world.log.lines[0]).not.toContain('secret');
  });
});
