import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createInput } from './input.ts';
import { createOutput } from './output.ts';

const stream = (isTTY = false): PassThrough & { isTTY: boolean } =>
  Object.assign(new PassThrough(), { isTTY });

describe('standard output', () => {
  it('has results, standard error has remarks', () => {
    const [stdout, stderr] = [stream(true), stream()];
    const out = createOutput({ stdout, stderr });
    out.line('one');
    out.note('two');
    expect(String(stdout.read())).toBe('one\n');
    expect(String(stderr.read())).toBe('two\n');
    expect(out.isTerminal).toBe(true);
  });

  it('may be closed early by its reader', () => {
    const stdout = stream();
    const out = createOutput({ stdout, stderr: stream() });
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    out.line('nobody reads this');
    expect(stdout.read()).toBeNull();
  });

  it('may not fail in another way', () => {
    const stdout = stream();
    createOutput({ stdout, stderr: stream() });
    expect(() => stdout.emit('error', new Error('the disk is full'))).toThrow('the disk is full');
  });
});

describe('standard input', () => {
  it.each([
    ['one line', 'secret\n', 'secret'],
    ['a line without its end', 'secret', 'secret'],
    ['the first line of many', 'secret\r\nmore\n', 'secret'],
    ['nothing', '', ''],
    ['spaces as they are', ' a b \n', ' a b '],
  ])('is read: %s', async (_name, text, line) => {
    const from = stream();
    from.end(text);
    expect(await createInput(from).readLine()).toBe(line);
  });
});
