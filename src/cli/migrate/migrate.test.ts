import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Moved } from '../../storage/move/move.ts';
import type { MoveProgress } from '../../storage/move/tally.ts';
import { createOutput } from '../output.ts';
import { Printer } from '../shared/printer.ts';
import { createStage, lines } from '../testkit/stage.ts';
import { lasted, progressLine, showProgress } from './progress.ts';

const moved: Moved = {
  to: 'postgres://parlance@db.example/parlance',
  tables: [
    { table: 'accounts', rows: 2 },
    { table: 'messages', rows: 123_456 },
  ],
  rows: 123_458,
  rowsNow: 123_458,
  nuls: 0,
  tookMs: 65_000,
};

const progress: MoveProgress = {
  step: 'copy',
  table: 'messages',
  rows: 420_000,
  ofRows: 1_000_000,
  rowsNow: 400_000,
  copyingMs: 20_000,
  tookMs: 21_000,
};

/** Standard output and error; a terminal when it has columns. */
function streams(columns?: number) {
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  return { stdout: new PassThrough(), stderr: Object.assign(new PassThrough(), terminal) };
}

/** Everything that was written so far. */
function textOf(stream: PassThrough): string {
  let text = '';
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) return text;
    text += chunk.toString();
  }
}

describe('migrate --from', () => {
  it('moves, and says what to do next', async () => {
    const asked: string[] = [];
    const stage = await createStage({
      context: {
        move: async (_, from, onProgress) => {
          await onProgress(progress);
          asked.push(from);
          return moved;
        },
      },
    });
    const came = await stage.run('migrate --from /var/lib/old');
    expect(came).toMatchObject({ code: 0 });
    expect(came.out).toBe(
      lines(`
        TABLE       ROWS
        accounts       2
        messages  123456

        Moved 123458 rows to postgres://parlance@db.example/parlance in 1m 5s.
        Every row was compared, and every balance is the sum of its ledger.
        Next: \`parlance serve\` with this configuration. The key is no part of the database: every node needs a copy of /var/lib/old/secret.key in its data folder, or its text as \`security.key\`.
        /var/lib/old is as it was, but is not served any more; \`parlance migrate --undo --data /var/lib/old\` takes that back.
      `),
    );
    // Nobody looks at a terminal, so progress is lines among the remarks.
    expect(came.err).toBe(progressLine(progress));
    const json = await stage.run('migrate --from /var/lib/old --json');
    expect(json.err).toBe('');
    expect(JSON.parse(json.raw)).toEqual({
      to: moved.to,
      rows: 123_458,
      rowsOfThisRun: 123_458,
      tables: { accounts: 2, messages: 123_456 },
      replacedNuls: 0,
      tookMs: 65_000,
    });
    expect(asked).toEqual(['/var/lib/old', '/var/lib/old']);
    await stage.close();
  });

  it('tells what was resumed, what was replaced, and which key is the one', async () => {
    const stage = await createStage({
      context: { move: async () => ({ ...moved, rowsNow: 58, nuls: 3 }) },
    });
    const key = Buffer.alloc(32).toString('base64');
    const { out } = await stage.run(`migrate --from x --set security.key=${key}`);
    expect(out).toContain('in 1m 5s, 58 of them in this run.');
    expect(out).toContain(
      '\nThe 58 of this run were compared now, the other 123400 by the run that copied them; all were counted ' +
        'once more, and every balance is the sum of its ledger.\n',
    );
    expect(out).not.toContain('Every row was compared');
    expect(out).toContain('3 texts held the character U+0000');
    expect(out).toContain('every node needs the same `security.key` as here.');
    expect(out).not.toContain(key);
    await stage.close();
  });
});

describe('migrate --undo', () => {
  it.each([
    ['postgres://db/sms', 'may be served again. Whatever is in postgres://db/sms is left as it is'],
    [undefined, 'was not moved: there is nothing to undo.'],
  ])('of a move to %s', async (to, said) => {
    const stage = await createStage({ context: { undoMove: async () => to } });
    expect((await stage.run('migrate --undo')).out).toContain(said);
    const { raw } = await stage.run('migrate --undo --json');
    expect(JSON.parse(raw)).toEqual({ undone: to !== undefined, movedTo: to ?? null });
    await stage.close();
  });

  it('is not for the way there', async () => {
    const stage = await createStage();
    expect(await stage.run('migrate --undo --from x')).toMatchObject({ code: 2, out: '' });
    expect(await stage.run('migrate --undo --new-key')).toMatchObject({ code: 2, out: '' });
    await stage.close();
  });
});

it('migrate --new-key says what it costs', async () => {
  const stage = await createStage();
  expect((await stage.run('migrate --new-key')).out).toContain('set the signing secrets');
  expect(JSON.parse((await stage.run('migrate --new-key --json')).raw)).toEqual({ accepted: true });
  await stage.close();
});

describe('the progress', () => {
  it.each([
    [progress, '████████░░░░░░░░░░░░  42 %  420000/1000000 rows  20000/s  29s left  messages'],
    [{ ...progress, rows: 0, rowsNow: 0, copyingMs: 0 }, '░  0 %  0/1000000 rows  0/s  messages'],
    [{ ...progress, rows: 0, ofRows: 0 }, '100 %  0/0 rows'],
    [{ ...progress, step: 'count' as const }, 'counting: 1000000 rows so far  messages'],
    [{ ...progress, step: 'check' as const }, 'all 420000 rows are there, counting them once more'],
  ])('is a line', (one, line) => expect(progressLine(one).replace(/░ {3}/, '░  ')).toContain(line));

  it.each([
    [0, '0s'],
    [59_499, '59s'],
    [61_000, '1m 1s'],
    [3_600_000 + 5 * 60_000, '1h 5m'],
  ])('%d ms are %s', (ms, text) => expect(lasted(ms)).toBe(text));

  it('is one line of a terminal, drawn anew, and gone at the end', () => {
    const { stdout, stderr } = streams(30);
    const out = createOutput({ stdout, stderr });
    const shown = showProgress(out, new Printer({ out, env: {} }, false));
    for (const tookMs of [0, 50, 100, 120, 200]) shown.show({ ...progress, tookMs });
    shown.end();
    const line = '\r\u001b[2K████████░░░░░░░░░░░░  42 %  …';
    expect(textOf(stderr)).toBe(`${line.repeat(3)}\r\u001b[2K`);
    expect(textOf(stdout)).toBe('');
  });

  it('is a line every five seconds elsewhere, and none for programs', () => {
    for (const json of [false, true]) {
      const { stdout, stderr } = streams();
      const out = createOutput({ stdout, stderr });
      const shown = showProgress(out, new Printer({ out, env: {} }, json));
      for (const tookMs of [0, 4_999, 5_000, 9_000, 10_000]) shown.show({ ...progress, tookMs });
      shown.end();
      const line = `${progressLine(progress)}\n`;
      expect(textOf(stderr)).toBe(json ? '' : line + line);
    }
  });
});
