import { isIP } from 'node:net';
import { z } from 'zod';
import { refundPolicies } from '../core/accounts/account.ts';
import { windowReceipts } from '../core/routing/receipt-window.ts';
import { decodeKey } from './key-text.ts';
import { isNetwork } from './network.ts';
import { country, linkId, route } from './route-schema.ts';
import {
  credits,
  listOf,
  oneOf,
  section,
  share,
  someOf,
  text,
  wholeNumber,
  yesOrNo,
} from './values.ts';

const roles = ['api', 'dispatch', 'notify', 'console'] as const;
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const year = 365;

const network = text('an address or a network, such as 10.0.0.5 or 10.0.0.0/8', isNetwork);

const networks = listOf(network, 'a list of addresses and networks');

const hostName = text('a host name without a port, such as api.example.org', isHostName).transform(
  (host) => host.toLowerCase(),
);

/** The settings that a dialect has of its own: the words that each key may be, the default first. */
export type DialectWords = Readonly<Record<string, readonly [string, ...string[]]>>;

const dialectSection = (words: DialectWords = {}) =>
  section({
    hosts: listOf(hostName, 'a list of host names').default([]),
    port: wholeNumber(1, 65535).nullable().default(null),
    ...Object.fromEntries(
      Object.entries(words).map(([key, some]) => [key, oneOf(some).default(some[0])]),
    ),
  });

const link = section({
  transport: text('the name of a transport', (name) => name !== ''),
  onLostAnswer: oneOf(['unknown', 'resend']).default('unknown'),
  nodes: wholeNumber(1, 100).default(1),
  receiptGroup: text('a name', (name) => name !== '').optional(),
  demote: section({
    failures: share().default(0.5),
    receipts: wholeNumber(10, windowReceipts).default(50),
    windowMinutes: wholeNumber(1, 1440).default(15),
    restMinutes: wholeNumber(1, 1440).default(5),
  }).prefault({}),
  /** Read by the transport's own schema, once the transport is known. */
  settings: z.unknown().default({}),
});

/** So many attempts in so many seconds. */
const attempts = section({
  most: wholeNumber(1, 1000),
  seconds: wholeNumber(1, 86_400),
});

/**
 * The schema of the whole configuration. It has no defaults but those inside the maps whose names the
 * owner chooses: all others stand in parlance.default.yaml, where people can read them.
 * @param dialectNames each gets a section of its own, so that another name is an unknown key.
 * @param dialectWords what stands in some of these beside what all have.
 */
export function createSchema(
  dialectNames: readonly string[],
  dialectWords: Readonly<Record<string, DialectWords>> = {},
) {
  return section({
    data: text('a folder', (path) => path !== ''),
    storage: text(
      'empty (SQLite in the data folder) or the URL of a PostgreSQL database, such as postgres://user:password@host:5432/parlance',
      (url) => url === '' || isPostgresUrl(url),
    ),
    http: section({
      host: text(
        'an address or a host name to listen on',
        (host) => isIP(host) > 0 || isHostName(host),
      ),
      port: wholeNumber(0, 65535),
      publicUrl: text(
        'empty or an http(s) URL without user, query and fragment, such as https://sms.example.org',
        (url) => url === '' || isBaseUrl(url),
      ).transform((url) => url.replace(/\/+$/, '')),
      trustProxy: networks,
      headerBytes: wholeNumber(1024, 65536),
      requestTimeoutSeconds: wholeNumber(1, 3600),
      maxConnections: wholeNumber(1, 1_000_000),
    }),
    smppServer: section({
      host: text(
        'an address or a host name to listen on',
        (host) => isIP(host) > 0 || isHostName(host),
      ),
      port: wholeNumber(0, 65535).nullable(),
      tlsPort: wholeNumber(0, 65535).nullable(),
      tlsCert: text('empty or the path of a PEM file'),
      tlsKey: text('empty or the path of a PEM file'),
      maxConnections: wholeNumber(1, 100_000),
      maxConnectionsPerAddress: wholeNumber(1, 100_000),
      enquireLinkSeconds: wholeNumber(5, 3600),
      inactivityMinutes: wholeNumber(0, 10_080),
      answerTimeoutSeconds: wholeNumber(1, 600),
      window: wholeNumber(1, 10_000),
      deliveryWindow: wholeNumber(1, 1000),
      keepHours: wholeNumber(1, 720),
    }),
    roles: someOf(oneOf(roles), `a list of roles (${roles.join(', ')})`),
    dialects: section(
      Object.fromEntries(
        dialectNames.map((name) => [name, dialectSection(dialectWords[name]).prefault({})]),
      ),
    ),
    links: z.record(linkId, link, { error: 'a section with the name of each link' }),
    routes: z.array(route, { error: 'a list of rules' }),
    delivery: section({
      validityHours: wholeNumber(1, 720),
      receiptTimeoutHours: wholeNumber(1, 2160),
      answerTimeoutSeconds: wholeNumber(5, 3600),
      maxAttempts: wholeNumber(1, 100),
      replyWindowDays: wholeNumber(1, year),
      failoverAfterSeconds: wholeNumber(1, 86_400),
    }),
    accounts: section({
      homeCountry: country,
      allowedCountries: listOf(country, 'a list of countries'),
      pricePerPart: credits(),
      refund: oneOf(refundPolicies),
      duplicateWindowSeconds: wholeNumber(0, 604_800),
    }),
    webhooks: section({
      allow: networks,
      connectionsPerHost: wholeNumber(1, 1000),
    }),
    campaigns: section({
      fileMegabytes: wholeNumber(1, 2000),
      quickRows: wholeNumber(1, 5_000_000),
      bulkRows: wholeNumber(1, 5_000_000),
      otherMediaRows: wholeNumber(1, 5_000_000),
      scheduleMinutesLeast: wholeNumber(0, 10_080),
      scheduleDaysMost: wholeNumber(1, year),
      batchRowsLeast: wholeNumber(1, 5_000_000),
      batchRowsMost: wholeNumber(1, 5_000_000),
      batchMinutesLeast: wholeNumber(1, 10_080),
      batchMinutesMost: wholeNumber(1, 10_080),
      optoutTags: wholeNumber(0, 20),
      waitingMessages: wholeNumber(500, 1_000_000),
    }),
    shortLinks: section({
      url: text(
        'empty or an http(s) URL without a path, such as https://sho.rt',
        (url) => url === '' || isOrigin(url),
      ).transform((url) => url.replace(/\/+$/, '')),
      keepAddresses: yesOrNo(),
      keepUserAgents: yesOrNo(),
      smartRequests: wholeNumber(1, 1_000_000),
      smartWindowMinutes: wholeNumber(1, 1440),
    }),
    users: section({
      idleMinutes: wholeNumber(1, 1440),
      sessionHours: wholeNumber(1, 720),
      invitationHours: wholeNumber(1, 720),
      resetMinutes: wholeNumber(5, 1440),
      limits: section({
        passwordReset: attempts,
        twoFactor: attempts,
        activation: attempts,
      }),
    }),
    mail: section({
      from: text('an address, alone or with a name, such as Parlance <sms@example.org>', (from) =>
        /^(?:[^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/.test(from),
      ),
      host: text(
        'empty or the name or address of an SMTP server',
        (host) => host === '' || isIP(host) > 0 || isHostName(host),
      ),
      port: wholeNumber(1, 65535),
      tls: oneOf(['starttls', 'tls', 'none']),
      user: text('a user name, or empty'),
      password: text('a password, or empty'),
      timeoutSeconds: wholeNumber(1, 300),
    }),
    retention: section({
      messagesDays: wholeNumber(1, 10 * year),
      repliesDays: wholeNumber(1, 10 * year),
      timelineDays: wholeNumber(1, 10 * year),
      notificationsDays: wholeNumber(1, 10 * year),
      unconfirmedDays: wholeNumber(1, 10 * year),
      shortLinksDays: wholeNumber(1, 10 * year),
      visitsDays: wholeNumber(1, 10 * year),
      campaignsDays: wholeNumber(1, 10 * year),
      mailsDays: wholeNumber(1, 10 * year),
      auditDays: wholeNumber(1, 10 * year),
      idempotencyHours: wholeNumber(1, 720),
      parkedReceiptsHours: wholeNumber(1, 720),
      archive: oneOf(['none', 'disk', 's3']),
      archiveFolder: text('empty or a folder'),
      archiveBucket: text(
        'empty or the http(s) URL of a bucket, such as https://s3.eu-central-1.amazonaws.com/my-bucket',
        (url) => url === '' || isBaseUrl(url),
      ).transform((url) => url.replace(/\/+$/, '')),
      archiveRegion: text('the name of a region', (region) => /^[\w-]+$/.test(region)),
      archiveKeyId: text('the id of an access key'),
      archiveSecret: text('the secret of an access key'),
      archiveAllow: networks,
    }),
    log: section({
      level: oneOf(logLevels),
      text: yesOrNo(),
    }),
    security: section({
      key: text(
        'empty or 32 bytes as base64, as `openssl rand -base64 32` makes them',
        (key) => key === '' || decodeKey(key) !== undefined,
      ),
    }),
  });
}

/** Settings as the schema gives them; `load.ts` makes them a `Config`. */
export type Settings = z.output<ReturnType<typeof createSchema>>;

/** Values that are, or may hold, secrets: no message quotes them. */
export function isSecret(path: readonly PropertyKey[]): boolean {
  const [first, , third] = path;
  if (first === 'links') {
    return !['transport', 'onLostAnswer', 'nodes', 'receiptGroup', 'demote'].includes(
      String(third),
    );
  }
  if (first === 'retention') return path[1] === 'archiveKeyId' || path[1] === 'archiveSecret';
  if (first === 'mail') return path[1] === 'password';
  return first === 'storage' || first === 'security';
}

function isHostName(host: string): boolean {
  const labels = host.split('.');
  return (
    host.length <= 253 &&
    labels.every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)) &&
    // Otherwise a mistyped address would pass for a name, and fail only when it is listened on.
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  );
}

function isPostgresUrl(written: string): boolean {
  const url = URL.parse(written);
  return (
    (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') && url.pathname.length > 1
  );
}

function isOrigin(written: string): boolean {
  return isBaseUrl(written) && URL.parse(written)?.pathname === '/';
}

function isBaseUrl(written: string): boolean {
  const url = URL.parse(written);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return url.username === '' && url.password === '' && !/[?#\s]/.test(written);
}
