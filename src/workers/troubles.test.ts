import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { GatewayError } from '../core/errors.ts';
import { createLog } from '../observability/log.ts';
import { every } from './every.ts';

const outage = (cause: unknown = new Error('connect ECONNREFUSED 10.0.0.1:5432')) =>
  new GatewayError('storage_unavailable', 'The storage cannot be reached.', { cause });

let clock: FakeClock;
let lines: Record<string, unknown>[];
let raw: string[];
/** What each round comes to. */
let outcome: () => void;
beforeEach(() => {
  clock = new FakeClock();
  lines = [];
  raw = [];
  outcome = () => {};
  const log = createLog({
    level: 'info',
    destination: {
      write: (line: string) => {
        raw.push(line);
        lines.push(JSON.parse(line) as Record<string, unknown>);
      },
    },
  });
  every(1_000, async () => outcome(), { clock, log, name: 'sweep' }).start();
});

const fails = (error: unknown) => () => {
  throw error;
};

describe('while storage is away', () => {
  it('a worker says so once, without a stack, and once that it works again', async () => {
    outcome = fails(outage());
    await clock.advance(600_000);
    expect(lines).toEqual([
      {
        level: 'warn',
        time: expect.any(String) as unknown,
        code: 'storage_unavailable',
        cause: 'connect ECONNREFUSED 10.0.0.1:5432',
        worker: 'sweep',
        msg: 'a round of a worker failed; it is tried again',
      },
    ]);
    outcome = () => {};
    await clock.advance(60_000);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({
      level: 'warn',
      worker: 'sweep',
      msg: 'sweep works again after 600 failed rounds, 600 s',
    });
    outcome = fails(outage());
    await clock.advance(1_000);
    outcome = () => {};
    await clock.advance(1_000);
    expect(lines.slice(2).map(({ msg }) => msg)).toEqual([
      'a round of a worker failed; it is tried again',
      'sweep works again after 1 failed round, 1 s',
    ]);
  });

  it.each([
    [
      new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]),
      '::1 refused; 127.0.0.1 refused',
    ],
    [undefined, 'The storage cannot be reached.'],
    ['words', 'words'],
    [
      new Error('at postgres://me:s3cret@db/sms to +61412345678'),
      'at postgres://[redacted]@db/sms to +614…678',
    ],
  ])('the cause is told in its words: %s', async (cause, told) => {
    const error = new GatewayError('storage_unavailable', 'The storage cannot be reached.', {
      cause,
    });
    outcome = fails(error);
    await clock.advance(1_000);
    expect(lines[0]?.['cause']).toBe(told);
    expect(raw[0]).not.toContain('s3cret');
  });
});

describe('a defect', () => {
  it('keeps its stack, and is told once a minute while it repeats', async () => {
    outcome = fails(new TypeError('no such thing'));
    await clock.advance(180_000);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({ err: { type: 'TypeError', message: 'no such thing' } });
    expect(raw[0]).toContain('troubles.test.ts');
    outcome = () => {};
    await clock.advance(1_000);
    expect(lines[3]).toMatchObject({ msg: 'sweep works again after 180 failed rounds, 180 s' });
  });

  it('of every other round fills no log either', async () => {
    let round = 0;
    outcome = () => {
      if (round++ % 2 === 0) throw new TypeError('no such thing');
    };
    await clock.advance(120_000);
    // Two a minute: the defect, and that it works again.
    expect(lines).toHaveLength(4);
  });

  it('is told in the middle of an outage', async () => {
    outcome = fails(outage());
    await clock.advance(5_000);
    outcome = fails(new TypeError('no such thing'));
    await clock.advance(5_000);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ err: { message: 'no such thing' } });
  });
});
