import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loader } from './testkit/load-in-folder.ts';
import type { Given } from './testkit/load-in-folder.ts';

const { folder, load, problemsOf } = loader();

const usualDemotion = { failures: 0.5, receipts: 50, windowMs: 900_000, restMs: 300_000 };

describe('loadConfig', () => {
  it('has defaults for everything', () => {
    const config = load({});
    expect(config).toMatchObject({
      data: path.join(folder(), 'data'),
      storage: '',
      http: { host: '127.0.0.1', port: 8080, publicUrl: 'http://127.0.0.1:8080', trustProxy: [] },
      roles: ['api', 'dispatch', 'notify', 'console'],
      dialects: {
        alpha: { hosts: [], port: null },
        beta: { hosts: [], port: null, manners: 'usual' },
      },
      routes: [{ media: ['sms', 'mms', 'voice'], links: ['sandbox'] }],
      delivery: { validityHours: 72, maxAttempts: 12, failoverAfterSeconds: 30 },
      accounts: { homeCountry: 'AU', pricePerPart: 1, refund: 'unsent' },
      log: { level: 'info', text: false },
    });
    expect([...config.links]).toEqual([
      [
        'sandbox',
        {
          transport: 'sandbox',
          onLostAnswer: 'unknown',
          nodes: 1,
          demote: usualDemotion,
          media: ['sms', 'mms', 'voice', 'whatsapp', 'rcs', 'viber'],
          simulator: true,
          devices: false,
          settings: { latencyMs: 5 },
        },
      ],
    ]);
  });

  it('has what a dialect has of its own', () => {
    const env = { PARLANCE_DIALECTS_BETA_MANNERS: 'other' };
    expect(load({ env }).dialects['beta']).toMatchObject({ manners: 'other' });
    expect(problemsOf({ yaml: 'dialects: { beta: { manners: bad } }' })).toEqual([
      expect.stringContaining('one of usual or other'),
    ]);
    expect(problemsOf({ yaml: 'dialects: { alpha: { manners: usual } }' })).toHaveLength(1);
  });

  it('lets the file win over defaults, the environment over the file, flags over all', () => {
    const yaml = 'http: { host: 0.0.0.0, port: 1, headerBytes: 2000 }';
    const env = { PARLANCE_HTTP_PORT: '2', PARLANCE_HTTP_HEADER_BYTES: '3000' };
    expect(load({ yaml, env, flags: { 'http.port': '3', 'http.host': undefined } }).http).toEqual({
      host: '0.0.0.0',
      port: 3,
      publicUrl: 'http://localhost:3',
      trustProxy: [],
      headerBytes: 3000,
      requestTimeoutSeconds: 30,
      maxConnections: 1000,
    });
  });

  it('reads the file that is named, and parlance.yaml only where none is', () => {
    writeFileSync(path.join(folder(), 'a.yaml'), 'http: { port: 1 }');
    writeFileSync(path.join(folder(), 'b.yaml'), 'http: { port: 2 }');
    const yaml = 'http: { port: 3 }';
    const env = { PARLANCE_CONFIG: 'b.yaml' };
    expect(load({ yaml, env, file: 'a.yaml' }).http.port).toBe(1);
    expect(load({ yaml, env }).http.port).toBe(2);
    expect(load({ yaml }).http.port).toBe(3);
  });

  it('reads every kind of value from the environment', () => {
    const config = load({
      env: {
        PARLANCE_DATA: '/var/lib/parlance',
        PARLANCE_ROLES: 'api, notify',
        PARLANCE_HTTP_PUBLIC_URL: 'https://sms.example.org/',
        PARLANCE_HTTP_TRUST_PROXY: '10.0.0.1,fd00::/8',
        PARLANCE_LOG_TEXT: 'true',
        PARLANCE_ACCOUNTS_PRICE_PER_PART: '0.045',
        PARLANCE_DIALECTS_BETA_HOSTS: 'Api.Example.org',
        PARLANCE_DIALECTS_BETA_PORT: '8081',
        PARLANCE_DIALECTS_ALPHA_PORT: '',
        PARLANCE_LINKS: '{"up":{"transport":"sandbox","onLostAnswer":"resend","nodes":3}}',
        PARLANCE_ROUTES: '[{"accounts":["shop"],"prefixes":["+61"],"links":["up"]}]',
      },
    });
    expect(config).toMatchObject({
      data: '/var/lib/parlance',
      roles: ['api', 'notify'],
      http: { publicUrl: 'https://sms.example.org', trustProxy: ['10.0.0.1', 'fd00::/8'] },
      log: { text: true },
      accounts: { pricePerPart: 0.045 },
      dialects: {
        alpha: { hosts: [], port: null },
        beta: { hosts: ['api.example.org'], port: 8081 },
      },
      routes: [{ accounts: ['shop'], prefixes: ['+61'], links: ['up'] }],
    });
    expect([...config.links]).toEqual([
      [
        'up',
        {
          transport: 'sandbox',
          onLostAnswer: 'resend',
          nodes: 3,
          demote: usualDemotion,
          media: ['sms', 'mms', 'voice', 'whatsapp', 'rcs', 'viber'],
          simulator: true,
          devices: false,
          settings: { latencyMs: 5 },
        },
      ],
    ]);
  });

  it('takes a section without a value as none, and a text without a value as the empty one', () => {
    const yaml = 'http:\n  # port: 1\nstorage:\nsecurity:\n  key:\n';
    expect(load({ yaml })).toMatchObject({ storage: '', http: { port: 8080 } });
    expect(load({ yaml: '' }).http.port).toBe(8080);
  });

  it('passes over what is not its own in the environment', () => {
    const env = {
      PATH: '/bin',
      PARLANCE_TEST_POSTGRES: 'x',
      PARLANCE_SERVICE_HOST: '10.0.0.1',
      PARLANCE_SERVICE_PORT_HTTP: '80',
      PARLANCE_PORT: 'tcp://10.0.0.1:80',
      PARLANCE_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(problemsOf({ env })).toEqual([]);
  });
});

describe('rules', () => {
  it('have what they cost in millicredits, by prefix where they say so', () => {
    const { routes, warnings } = load({
      yaml: `
        links: { a: { transport: sandbox }, b: { transport: sandbox } }
        routes:
          - accounts: [shop]
            links: [{ link: a, weight: 3, cost: 0.031 }, { link: b, weight: 1 }, ]
            cost: { '+61': 0.03, '+61412': 0, default: 0.09 }
          - { links: [b], cost: { '+1': 1 } }`,
    });
    expect(routes).toEqual([
      {
        accounts: ['shop'],
        links: [
          { link: 'a', weight: 3, cost: { standard: 31, prefixes: new Map() } },
          { link: 'b', weight: 1 },
        ],
        cost: {
          standard: 90,
          prefixes: new Map([
            ['+61', 30],
            ['+61412', 0],
          ]),
        },
      },
      { links: ['b'], cost: { standard: null, prefixes: new Map([['+1', 1000]]) } },
    ]);
    expect(warnings).toEqual([]);
  });

  it('that no message can come to are a warning, with where they stand', () => {
    const yaml = 'routes:\n  - links: [sandbox]\n  - tags: [otp]\n    links: [sandbox]\n';
    expect(load({ yaml }).warnings).toEqual([
      'routes[1] is never reached: routes[0] takes all that it would (from parlance.yaml, line 3)',
    ]);
  });
});

describe("a link's settings", () => {
  const yaml = (settings: string) =>
    `routes: []\nlinks:\n  up:\n    transport: radio\n    settings: ${settings}\n`;

  it('are read by the transport', () => {
    const config = load({ yaml: yaml('{ host: h, port: 1, password: p }') });
    expect([...config.links.values()][0]?.settings).toEqual({ host: 'h', port: 1, password: 'p' });
  });

  it('are named in full when they are wrong', () => {
    expect(problemsOf({ yaml: yaml('{ port: 70000, pasword: p, password: p }') })).toEqual([
      'links.up.settings.host is missing; expected string (from parlance.yaml, line 5)',
      'links.up.settings.port is not right: Too big: expected number to be <=65535 (from parlance.yaml, line 5)',
      'links.up.settings.pasword is not a setting; did you mean links.up.settings.password? (from parlance.yaml, line 5)',
    ]);
  });
});

describe('a file that cannot be used', () => {
  it.each<[Given, string]>([
    [{ file: 'none.yaml' }, 'The configuration file none.yaml (named by --config) does not exist'],
    [
      { env: { PARLANCE_CONFIG: '/' } },
      'The configuration file / (named by PARLANCE_CONFIG) is a folder, not a file',
    ],
    [{ yaml: '- a' }, 'parlance.yaml must consist of lines such as data: ./data, but does not'],
    [{ yaml: 'a: 1\na: 2' }, 'parlance.yaml, line 2: this key stands here for the second time'],
    [
      { yaml: 'http:\n\tport: 1' },
      'parlance.yaml, line 2: lines must be indented by spaces, not by tabs',
    ],
    [
      { yaml: `a: &a [${'1,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]` },
      'parlance.yaml has too many aliases',
    ],
  ])('%j', (given, problem) => {
    expect(problemsOf(given)).toContain(problem);
  });
});
