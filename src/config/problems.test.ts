import { describe, expect, it } from 'vitest';
import { loader } from './testkit/load-in-folder.ts';
import type { Given } from './testkit/load-in-folder.ts';

const { problemsOf } = loader();

describe('a setting that does not fit', () => {
  it.each<[Given, string]>([
    [
      { env: { PARLANCE_HTTP_PORT: 'eighty' } },
      'http.port must be a whole number from 0 to 65535, but is "eighty" (from the environment variable PARLANCE_HTTP_PORT)',
    ],
    [
      { yaml: '# mine\n\nhttp:\n  port: 65536\n' },
      'http.port must be a whole number from 0 to 65535, but is 65536 (from parlance.yaml, line 4)',
    ],
    [
      { flags: { 'http.port': '8.5' } },
      'http.port must be a whole number from 0 to 65535, but is 8.5 (from the command line)',
    ],
    [
      { yaml: 'http: 80' },
      'http must be a section with the settings host, port, publicUrl, trustProxy, headerBytes, requestTimeoutSeconds, maxConnections, but is 80 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'http: { host: 10.0.0.256 }' },
      'http.host must be an address or a host name to listen on, but is "10.0.0.256" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'http: { publicUrl: "https://me:mine@sms.example.org" }' },
      'http.publicUrl must be empty or an http(s) URL without user, query and fragment, such as https://sms.example.org, but is "https://…@sms.example.org" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'log: { text: yes }' },
      'log.text must be true or false, but is "yes" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'roles:\n  - api\n  - web\n' },
      'roles[1] must be one of api, dispatch, notify or console, but is "web" (from parlance.yaml, line 3)',
    ],
    [
      { env: { PARLANCE_ROLES: '' } },
      'roles must be a list of roles (api, dispatch, notify, console), with at least one, but is an empty list (from the environment variable PARLANCE_ROLES)',
    ],
    [
      { env: { PARLANCE_ROLES: 'api,api' } },
      'roles must be a list of roles (api, dispatch, notify, console), without anything named twice, but is ["api","api"] (from the environment variable PARLANCE_ROLES)',
    ],
    [
      { yaml: 'accounts: { homeCountry: au }' },
      'accounts.homeCountry must be the two letters of a country in upper case, such as AU (ISO 3166-1), but is "au" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'accounts: { pricePerPart: 0.0005 }' },
      'accounts.pricePerPart must be a number of credits from 0 to 1000000, with at most three decimals, but is 0.0005 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'webhooks: { allow: [10.0.0.0/33] }' },
      'webhooks.allow[0] must be an address or a network, such as 10.0.0.5 or 10.0.0.0/8, but is "10.0.0.0/33" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'shortLinks: { url: "https://sho.rt/s" }' },
      'shortLinks.url must be empty or an http(s) URL without a path, such as https://sho.rt, but is "https://sho.rt/s" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'http: { publicUrl: "https://a.b/sms" }\nshortLinks: { url: "https://A.b:81" }' },
      'shortLinks.url must be a host name of its own, not that of http.publicUrl, but is "https://A.b:81" (from parlance.yaml, line 2)',
    ],
    [
      { yaml: 'dialects: { alpha: { hosts: [A.b] } }\nshortLinks: { url: "http://a.b" }' },
      'shortLinks.url must be a host name of its own, not that of dialects.alpha, but is "http://a.b" (from parlance.yaml, line 2)',
    ],
    [
      {
        yaml: 'retention: { archive: s3, archiveBucket: "https://s3.example/b", archiveKeyId: "k", archiveSecret: "" }',
      },
      'retention.archiveSecret must be set where retention.archive is s3, but is not (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'retention: { archive: tape }' },
      'retention.archive must be one of none, disk or s3, but is "tape" (from parlance.yaml, line 1)',
    ],
    [
      { flags: { 'shortLinks.url': 'http://127.0.0.1:8080' } },
      'shortLinks.url must be a host name of its own, not that of http.host, but is "http://127.0.0.1:8080" (from the command line)',
    ],
    [
      { yaml: 'dialects: { alpha: { hosts: [a.b] }, beta: { hosts: [A.B] } }' },
      'dialects.beta.hosts[0] must be a host name of its own, not that of dialects.alpha, but is "A.B" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'dialects: { alpha: { port: 8080 } }' },
      'dialects.alpha.port must be a port of its own, not that of http.port, but is 8080 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'smppServer: { port: 8080 }' },
      'smppServer.port must be a port of its own, not that of http.port, but is 8080 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'smppServer: { port: 2775, tlsPort: 2775, tlsCert: a.pem, tlsKey: b.pem }' },
      'smppServer.tlsPort must be a port of its own, not that of smppServer.port, but is 2775 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'smppServer: { tlsPort: 2776, tlsCert: a.pem, tlsKey: "" }' },
      'smppServer.tlsKey must be a file where there is a tlsPort, but is "" (from parlance.yaml, line 1)',
    ],
    [
      { env: { PARLANCE_LINKS: '{"password":"hunter2"' } },
      'links must be JSON, but is not (from the environment variable PARLANCE_LINKS)',
    ],
    [
      { yaml: 'links:\n  "a b": { transport: sandbox }\n  sandbox: { transport: sandbox }' },
      'links."a b" must be the name of a link: letters, digits, dashes and underscores, at most 63 (from parlance.yaml, line 2)',
    ],
    [
      { yaml: 'links: { sandbox: {} }' },
      'links.sandbox.transport must be the name of a transport, but it is missing (from parlance.yaml, line 1)',
    ],
    [
      {
        yaml: 'links: { a: { transport: phones }, b: { transport: phones } }\nroutes: [{ links: [a] }]',
      },
      'links.b.transport must be another one, since a is of this transport, of which there can be one link, but is "phones" (from parlance.yaml, line 1)',
    ],
    [
      {
        yaml: `links: { ${'abcdefghi'
          .split('')
          .map((id) => `${id}: { transport: sandbox, receiptGroup: x }`)
          .join(', ')} }\nroutes: [{ links: [a] }]`,
      },
      'links.i.receiptGroup must be a group of at most 8 links, but is "x" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'links: { sandbox: { transport: sandpit } }' },
      'links.sandbox.transport must be one of sandbox, radio or phones, but is "sandpit" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes:\n  - links: [sandbox]\n  - links: [carrier]\n' },
      'routes[1].links[0] must be the name of a link (sandbox), but is "carrier" (from parlance.yaml, line 3)',
    ],
    [
      { yaml: 'routes: [{ links: [sandbx] }]' },
      'routes[0].links[0] must be the name of a link (sandbox; did you mean sandbox?), but is "sandbx" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes:\n  - links:\n    - { link: sandbx, weight: 1 }\n' },
      'routes[0].links[0].link must be the name of a link (sandbox; did you mean sandbox?), but is "sandbx" (from parlance.yaml, line 3)',
    ],
    [
      { yaml: 'routes: [{ links: [{ link: sandbox, weight: 0 }] }]' },
      'routes[0].links[0].weight must be a whole number from 1 to 1000, but is 0 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ links: ["a b"] }]' },
      'routes[0].links[0] must be the name of a link: letters, digits, dashes and underscores, at most 63, but is "a b" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ links: [7] }]' },
      'routes[0].links[0] must be the name of a link, or a section with the settings link, weight, cost, but is 7 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ links: [] }]' },
      'routes[0].links must be a list of links, with at least one, but is an empty list (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ links: [sandbox, { link: sandbox }] }]' },
      'routes[0].links must be a list of links, without any named twice, but is ["sandbox",{"link":"sandbox"}] (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ channels: [alhpa], links: [sandbox] }]' },
      'routes[0].channels[0] must be the name of a channel (one of alpha, beta, cli, smpp or console; did you mean alpha?), but is "alhpa" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ countries: [au], links: [sandbox] }]' },
      'routes[0].countries[0] must be the two letters of a country in upper case, such as AU (ISO 3166-1), but is "au" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ links: [sandbox], cost: free }]' },
      'routes[0].cost must be credits for a part, or a section with credits for prefixes and for default, but is "free" (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ links: [sandbox], cost: 0.0285 }]' },
      'routes[0].cost must be a number of credits from 0 to 1000000, with at most three decimals, but is 0.0285 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes:\n  - links: [sandbox]\n    cost:\n      +61: 0.03\n' },
      'routes[0].cost.61 must be a prefix, such as +614, or default (from parlance.yaml, line 4)',
    ],
    [
      { yaml: "routes:\n  - links: [sandbox]\n    cost:\n      '+61': -1\n" },
      'routes[0].cost."+61" must be a number of credits from 0 to 1000000, with at most three decimals, but is -1 (from parlance.yaml, line 4)',
    ],
    [
      { yaml: 'links: { sandbox: { transport: sandbox, demote: { failures: 50 } } }' },
      'links.sandbox.demote.failures must be a share from 0 to 1, such as 0.5, but is 50 (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ prefixes: ["614"], links: [sandbox] }]' },
      'routes[0].prefixes[0] must be a plus sign and digits, such as +614, but is "614" (from parlance.yaml, line 1)',
    ],
  ])('%j', (given, problem) => {
    expect(problemsOf(given)).toEqual([problem]);
  });

  it('is found in what links of the owner leave of the defaults', () => {
    expect(problemsOf({ yaml: 'links: { lab: { transport: sandbox } }' })).toEqual([
      expect.stringMatching(
        /^routes\[0\]\.links\[0\] must be the name of a link \(lab\), but is "sandbox" \(from parlance\.default\.yaml, line \d+\); links of your own need routes of your own$/,
      ),
    ]);
  });

  it('is reported together with all others', () => {
    const problems = problemsOf({
      yaml: 'http: { port: a, host: "" }\nlogs: 1',
      env: { PARLANCE_X: '' },
    });
    expect(problems).toHaveLength(4);
  });
});

describe('a setting that there is not', () => {
  it.each<[Given, string]>([
    [
      { yaml: 'http:\n  prot: 80\n' },
      'http.prot is not a setting; did you mean http.port? (from parlance.yaml, line 2)',
    ],
    [
      { yaml: 'port: 80' },
      'port is not a setting; did you mean http.port? (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'log: { colours: true }' },
      'log.colours is not a setting; known here: level, text (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'dialects: { alhpa: {} }' },
      'dialects.alhpa is not a setting; did you mean dialects.alpha? (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ prefix: ["+61"], links: [sandbox] }]' },
      'routes[0].prefix is not a setting; did you mean routes[0].prefixes? (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'routes: [{ links: [{ link: sandbox, wieght: 3 }] }]' },
      'routes[0].links[0].wieght is not a setting; did you mean routes[0].links[0].weight? (from parlance.yaml, line 1)',
    ],
    [
      { yaml: 'http: { __proto__: 1 }' },
      'http.__proto__ is not a setting; did you mean http.port? (from parlance.yaml, line 1)',
    ],
    [
      { flags: { 'http.prot': 1 } },
      'http.prot is not a setting; did you mean http.port? (from the command line)',
    ],
    [
      { env: { PARLANCE_PORT: '80' } },
      'The environment variable PARLANCE_PORT is not a setting; did you mean PARLANCE_HTTP_PORT?',
    ],
    [
      { env: { PARLANCE_LOGLEVEL: 'debug' } },
      'The environment variable PARLANCE_LOGLEVEL is not a setting; did you mean PARLANCE_LOG_LEVEL?',
    ],
    [
      { env: { PARLANCE_COLOURS: '1' } },
      'The environment variable PARLANCE_COLOURS is not a setting',
    ],
  ])('%j', (given, problem) => {
    expect(problemsOf(given)).toEqual([problem]);
  });
});

describe('a secret', () => {
  const secret = 'hunter2';
  it.each<[Given]>([
    [{ env: { PARLANCE_SECURITY_KEY: secret } }],
    [{ env: { PARLANCE_STORAGE: `postgress://me:${secret}@db/parlance` } }],
    [{ env: { PARLANCE_LINKS: `{"a":"${secret}"` } }],
    [{ env: { PARLANCE_LINKS: `"${secret}"` } }],
    [{ yaml: `security: ${secret}` }],
    [{ yaml: `security: { keys: ${secret} }` }],
    [{ yaml: `security: { key: *${secret} }` }],
    [{ yaml: `security: { key: !${secret} }` }],
    [{ yaml: `security:\n  key: "${secret}\n` }],
    [{ yaml: `security:\n key: a\n  ${secret}: b\n` }],
    [{ yaml: `links: { a: ${secret} }` }],
    [{ yaml: `links: { a: { transport: radio, settings: { password: [${secret}] } } }` }],
    [{ yaml: `links: { a: { transport: radio, settings: ${secret} } }` }],
  ])('is never printed: %j', (given) => {
    const problems = problemsOf(given);
    expect(problems).not.toHaveLength(0);
    expect(problems.join('\n')).not.toContain(secret);
  });
});
