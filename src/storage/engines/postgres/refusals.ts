import { placeName } from '../../move/place-name.ts';
import { StorageRefused } from '../../refused.ts';
import { failureOf } from './failures.ts';

/** What is wrong and what to do, without the name of the place that it begins with. */
type Sentence = (given: { url: URL; user: string; said: string }) => string;

const seeToPlace = 'see to host and port in `storage`';

const unreachable: Sentence = ({ said }) =>
  `cannot be reached (${said}): ${seeToPlace}, and to the network and firewalls between`;
const untrusted: Sentence = ({ said }) =>
  `has a certificate that is not trusted (${said}): name the file of the authority that signed it with ` +
  '`sslrootcert=` in the URL of `storage`, and the server by the host name that is in it';

/** By SQLSTATE (PostgreSQL, appendix A), or by what Node says of sockets and certificates. */
const byCode: Record<string, Sentence> = {
  ECONNREFUSED: () => `refuses connections: start the server, or ${seeToPlace}`,
  ENOENT: () => 'has no socket there: start the server, or see to the path in `storage`',
  ENOTFOUND: ({ url }) =>
    `cannot be reached, since no host is called ${url.hostname}: see to the host in \`storage\``,
  EAI_AGAIN: ({ url }) =>
    `cannot be reached, since the name ${url.hostname} cannot be looked up: see to the name server of this ` +
    'machine, and to the host in `storage`',
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: () =>
    `ended the connection at once: see whether PostgreSQL listens there, or ${seeToPlace}`,
  '3D000': ({ url }) =>
    `does not exist: make it with \`create database ${databaseOf(url)}\`, or see to the name in \`storage\``,
  '28P01': ({ user }) =>
    `did not accept the password of ${user}: see to it in the URL of \`storage\`, or in PGPASSWORD`,
  '28000': ({ user, said }) =>
    `does not let ${user} in (${said}): make that role, or see to pg_hba.conf on the server and to the ` +
    'user in `storage`',
  '42501': ({ user, said }) =>
    `does not give ${user} the rights that are needed (${said}): make that role the owner of the database`,
  '42P07': ({ said }) =>
    `holds tables of another program (${said}): name an empty database as \`storage\``,
  '53300': ({ said }) =>
    `has no connection left (${said}): raise max_connections there, or stop what uses them up`,
  '57P03': ({ said }) => `is starting or stopping (${said}): try again in a moment`,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
};

/** What only words tell; looked at before the codes. */
const byWords: readonly (readonly [words: RegExp, Sentence])[] = [
  [
    /^SASL: .*client password must be/,
    ({ user }) =>
      `asks for the password of ${user}, and there is none: put it into the URL of \`storage\`, or into PGPASSWORD`,
  ],
  [
    /^no pg_hba\.conf entry .*(?:no encryption|SSL off)/,
    ({ said }) =>
      `does not let this machine in without TLS (${said}): add \`sslmode=verify-full\` to the URL of ` +
      '`storage`, or see to pg_hba.conf on the server',
  ],
  [
    /^The server does not support SSL connections/,
    () =>
      'has no TLS, and `storage` asks for it: turn on `ssl` there, or take `sslmode` out of the URL where the ' +
      'network between can be trusted',
  ],
  [/^(?:timeout e|Connection terminated due to connection timeout)/, unreachable],
  [/^Connection terminated unexpectedly/, byCode['ECONNRESET'] as Sentence],
];

/**
 * Takes what came of opening a database; gives the refusal that says what is wrong with it and what
 * to do. What no owner can do anything about is given back as it is.
 */
export function refusalOf(error: unknown, given: string): unknown {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error) || first instanceof StorageRefused) return error;
  const { code = '' } = first as { code?: string };
  const sentence =
    byWords.find(([words]) => words.test(first.message))?.[1] ?? byCode[code] ?? otherwise(first);
  if (!sentence) return error;
  const url = new URL(given);
  const user = decodeURIComponent(url.username) || (process.env['PGUSER'] ?? 'this user');
  const said = first.message.replace(/\.$/, '');
  return new StorageRefused(`${placeName(given)} ${sentence({ url, user, said })}.`, {
    cause: error,
  });
}

function otherwise(error: Error): Sentence | undefined {
  const failure = failureOf(error);
  if (failure === undefined || failure === 'unique') return undefined;
  return ({ said }) => `cannot be used now (${said}): see to the server, and try again`;
}

function databaseOf(url: URL): string {
  return decodeURIComponent(url.pathname.slice(1)) || 'parlance';
}
