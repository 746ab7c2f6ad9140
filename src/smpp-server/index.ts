import type { Account } from '../core/accounts/account.ts';
import type { Gateway } from '../core/gateway.ts';
import { longestSystemId } from './authenticate.ts';
import { channel } from './outgoing.ts';
import { accountSettings, credentialSettings } from './settings.ts';

export { SmppServer } from './server.ts';
export type { ServerSettings } from './settings.ts';
export { form } from './tellings.ts';

/** Octets of randomness in a password that is made up: eight characters, which is all that SMPP 3.4 can carry. */
const secretBytes = 6;
/** Longer than the specification's eight, for clients and servers that take more. */
const longestPassword = 64;

/** What the rest of the program must know of SMPP as a way in for accounts. */
export const wayIn = {
  name: channel,
  title: 'SMPP',
  accountSettings,
  credentialSettings,
  credentialKinds: ['basic'],
  secretBytes,

  /** What is wrong with a system_id or a password; undefined when nothing is. */
  complaint(credential: { username?: string | undefined; secret?: string | undefined }) {
    const { username, secret } = credential;
    if (username !== undefined && !isAscii(username, longestSystemId)) {
      return `A system_id has 1 to ${longestSystemId} ASCII characters (SMPP 3.4, 5.2.1).`;
    }
    if (secret !== undefined && !isAscii(secret, longestPassword)) {
      return `A password for SMPP has 1 to ${longestPassword} ASCII characters.`;
    }
    return undefined;
  },

  /** Call when a credential was made: what there is to tell waits for its first session from now on. */
  opened: (account: Pick<Account, 'id'>, gateway: Gateway) =>
    gateway.owner.listenOverSessions(account.id, channel),

  /** The account that `serve --demo` makes, whose credential anyone may know. */
  demo: {
    name: 'demo-smpp',
    port: 2775,
    credits: 1_000,
    credentials: [{ kind: 'basic', username: 'demo', secret: 'smppdemo' }],
    senders: [
      { address: 'CompanyABC', kind: 'alphanumeric' },
      { address: '61400000010', kind: 'dedicated' },
    ],
  },
} as const;

function isAscii(text: string, most: number): boolean {
  return text.length >= 1 && text.length <= most && /^[\x20-\x7e]*$/.test(text);
}
