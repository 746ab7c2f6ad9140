import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runRefusals } from './run-refusals.ts';
import { expectCleanLog, setStage } from './stage.ts';
import type { DialectCase, DialectSuite, WireAnswer } from './suite.ts';

/**
 * Runs a dialect's table of requests and documented answers, and beside it what every dialect must
 * bear: no log-in, a wrong one, a suspended account, what belongs to another one, broken JSON, wrong
 * methods, bodies and headers that are too long, unknown paths; that no secret and no text reaches
 * the log or an answer; that a refused request stores and charges nothing.
 */
export function runDialectCases(suite: DialectSuite, cases: readonly DialectCase[]): void {
  describe(`${suite.dialect.title}: documented answers`, () => {
    runTable(suite, cases);
  });
  runRefusals(suite);
}

/** The table alone, for the further test files of a dialect. Call it inside of a `describe`. */
export function runTable(suite: DialectSuite, cases: readonly DialectCase[]): void {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialects: [suite.dialect], ...suite.world });
  });
  afterAll(() => world.close());

  it.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const stage = await setStage(suite, world, one.account);
    await one.given?.(stage);
    const request = typeof one.request === 'function' ? await one.request(stage) : one.request;
    const answer = await stage.send(request);
    expectAnswer(answer, one);
    await one.also?.(answer, stage);
    expectCleanLog(world, [stage.account]);
  });
}

function expectAnswer(answer: WireAnswer, { status = 200, body, headers = {} }: DialectCase): void {
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status });
  expect(answer.headers).toMatchObject(headers);
  if (body === undefined) return;
  expect(answer.body).toBe(typeof body === 'string' ? body : JSON.stringify(body));
}
