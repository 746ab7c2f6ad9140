import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { Archive } from '../core/archive/archive.ts';
import { GatewayError } from '../core/errors.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage } from './testkit/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const groups = [
  'account',
  'credential',
  'sender',
  'number',
  'webhook',
  'optout',
  'link',
  'message',
  'short-link',
  'reply',
  'notification',
];

describe('help', () => {
  it('is there for the asking', async () => {
    const came = await stage.run('--help');
    expect(came).toMatchObject({ code: 0, err: '' });
    for (const name of ['serve', 'migrate', 'backup', 'doctor', 'send', ...groups]) {
      expect(came.out).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    expect(await stage.run('help account')).toMatchObject({ code: 0, err: '' });
    expect((await stage.run('account create --help')).out).toContain('Global Options:');
  });

  it('comes by itself, on standard error, where a command is missing', async () => {
    for (const line of ['', 'account', 'message']) {
      const came = await stage.run(line);
      expect(came).toMatchObject({ code: 2, out: '' });
      expect(came.err).toContain('Usage: parlance');
      expect(came.err).not.toContain('parlance: ');
    }
  });

  it('has examples for every command, and a vendor’s name only from the dialects', async () => {
    const commands = ['serve', 'migrate', 'backup', 'doctor', 'send'];
    for (const group of groups) {
      const { out } = await stage.run(`${group} --help`);
      const names = out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) /gm);
      for (const [, name = ''] of names) if (name !== 'help') commands.push(`${group} ${name}`);
    }
    expect(commands.length).toBeGreaterThan(30);
    for (const command of commands) {
      const { out } = await stage.run(`${command} --help`);
      expect(out, command).toMatch(/^Examples:\n {2}# \S.*\n {2}parlance /m);
    }
  });

  it('knows its version', async () => {
    expect((await stage.run('--version')).out).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('wrong usage', () => {
  it.each([
    ['acount list', "Unknown command 'acount'. Did you mean 'account'? See `parlance --help`."],
    ['account lst', "Unknown command 'lst'. Did you mean 'list'? See `parlance account --help`."],
    ['qwertz', "Unknown command 'qwertz'. See `parlance --help`."],
    [
      'account list --limt 5',
      "Unknown option '--limt'. Did you mean '--limit'? See `parlance account list --help`.",
    ],
    [
      '--set http.port account list',
      "--set takes key=value, such as http.port=8081, and not 'http.port'.",
    ],
    ['--config', "Option '--config <file>' argument missing. See `parlance --help`."],
    [
      'serve --port 99999',
      "Option '--port <port>' argument '99999' is invalid. It must be a whole number from 0 to 65535. See `parlance serve --help`.",
    ],
  ])('%s', async (line, err) => {
    expect(await stage.run(line)).toMatchObject({ code: 2, out: '', err: `parlance: ${err}` });
  });
});

describe('the configuration', () => {
  it.each([
    ['serve', { port: 0, demo: false }],
    ['serve --demo --port 8123', { port: 8123, demo: true }],
    ['--set http.port=8124 serve', { port: 8124 }],
    ['serve --set http.port=8124 --port 8125', { port: 8125 }],
    ['serve --roles api,notify', { roles: ['api', 'notify'] }],
  ])('%s', async (line, how) => {
    stage.served.length = 0;
    expect(await stage.run(line)).toMatchObject({ code: 0, out: '', err: '' });
    expect(stage.served).toMatchObject([how]);
  });

  it.each([
    ['serve --roles all', 'roles[0] must be one of api, dispatch, notify or console, but is "all"'],
    ['account list --set http.prt=1', 'http.prt is not a setting; did you mean http.port?'],
    ['account list --config nowhere.yaml', 'nowhere.yaml'],
  ])('%s is refused with what to do', async (line, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ code: 1, out: '' });
    expect(came.err).toContain(err);
    expect(came.err).not.toMatch(/^ +at /m);
  });
});

describe('migrate', () => {
  it.each([
    [[], 'The database is up to date.'],
    [['first', 'second'], '2 migrations run: first, second.'],
  ])('tells what it ran: %j', async (names, out) => {
    const other = await createStage({ context: { migrate: async () => names } });
    expect(await other.run('migrate')).toMatchObject({ code: 0, out });
    expect(JSON.parse((await other.run('migrate --json')).raw)).toEqual({ migrations: names });
    await other.close();
  });
});

const failing = async (
  error: unknown,
  line = 'account list',
): Promise<{ code: number; err: string }> => {
  const open = async (): Promise<never> => {
    throw error;
  };
  const other = await createStage({ context: { open } });
  const { code, err, out } = await other.run(line);
  expect(out).toBe('');
  await other.close();
  return { code, err };
};

describe('what goes wrong', () => {
  it.each<[string, unknown, string]>([
    [
      'a refusal of the core',
      new GatewayError('storage_unavailable', 'The database is locked.'),
      'The database is locked. Look at it with `parlance doctor`, then try again.',
    ],
    [
      'a bad configuration, all at once',
      new ConfigError(['http.port must be a number', 'roles must be a list']),
      'http.port must be a number\nroles must be a list',
    ],
    [
      'a taken port',
      Object.assign(new Error('listen EADDRINUSE'), {
        code: 'EADDRINUSE',
        address: '127.0.0.1',
        port: 8080,
      }),
      '127.0.0.1:8080 is in use: stop what listens there, or name another port with --port.',
    ],
    [
      'a folder of somebody else',
      Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'open', path: '/var/x' }),
      "This user may not use '/var/x': give it the right to, or run this as its owner.",
    ],
    [
      'a defect',
      new TypeError('x is not a function'),
      'x is not a function. (Run it again with --debug to see where this comes from.)',
    ],
    ['something that is no error', 'oops', 'oops. (Run it again with --debug'],
  ])('%s is one sentence', async (_name, error, sentence) => {
    const { code, err } = await failing(error);
    expect(code).toBe(1);
    expect(err).toContain(`parlance: ${sentence}`);
    expect(err).not.toMatch(/^ +at /m);
  });

  it('shows where it comes from with --debug', async () => {
    const cause = new Error('the disk is on fire');
    const { err } = await failing(new Error('no', { cause }), 'account list --debug');
    expect(err).toMatch(/^parlance: no\./);
    expect(err).toMatch(/^ +at /m);
    expect(err).toContain('Caused by: Error: the disk is on fire');
  });

  it('closes what it opened, whatever happens', async () => {
    const close = vi.fn(async () => {});
    const other = await createStage();
    const { gateway, storage } = other.world;
    const archive = new Archive({ ...other.world, store: undefined });
    const again = await createStage({
      context: { open: async () => ({ gateway, storage, archive, close }) },
    });
    await again.run('account list');
    await again.run('account show nobody');
    expect(close).toHaveBeenCalledTimes(2);
    await again.close();
    await other.close();
  });
});

describe('colours', () => {
  let coloured: Stage | undefined;
  afterEach(() => coloured?.close());

  it.each<[string, { isTerminal: boolean; env?: Record<string, string> }, boolean]>([
    ['on a terminal', { isTerminal: true }, true],
    ['not in a pipe', { isTerminal: false }, false],
    ['not with NO_COLOR', { isTerminal: true, env: { NO_COLOR: '1' } }, false],
    ['with an empty NO_COLOR', { isTerminal: true, env: { NO_COLOR: '' } }, true],
    ['not where none can be shown', { isTerminal: true, env: { TERM: 'dumb' } }, false],
  ])('%s', async (_name, wish, expected) => {
    coloured = await createStage(wish);
    await coloured.did('account create shop');
    const { raw } = await coloured.run('account list');
    expect(raw.includes('\u001b[')).toBe(expected);
    expect((await coloured.run('account list --json')).raw).not.toContain('\u001b[');
  });
});
