import type { AccountId, AuditId, CredentialId } from '../ids.ts';

/** Who changes something: the owner by his tools, a user of the console, or a client by an API. */
export interface Actor {
  kind: 'owner' | 'user' | 'client';
  /** Of the user or credential. */
  id: string | null;
  /** As he was called then: a user may be gone when the log is read. */
  name: string;
  /** Where the request came from. */
  address: string | null;
}

/** All that is written down; what it is done to comes before the dot. */
export const auditActions = [
  'account.create',
  'account.change',
  'account.credit',
  'product.set',
  'product.remove',
  'credential.create',
  'credential.change',
  'credential.revoke',
  'endpoint.set',
  'endpoint.remove',
  'user.invite',
  'user.activate',
  'user.change',
  'user.remove',
  'user.login',
  'user.password',
  'user.two-factor-on',
  'user.two-factor-off',
  'user.recovery-code',
  'campaign.create',
  'campaign.schedule',
  'campaign.pause',
  'campaign.resume',
  'campaign.abort',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** What is said of a change; never a secret, a text or a number of a handset. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

/** One change, by one actor. Nobody changes it afterwards; it goes when its keeping time is over. */
export interface AuditEntry {
  id: AuditId;
  at: number;
  /** Whose things were changed; null for what is the owner's alone. */
  accountId: AccountId | null;
  actor: Actor;
  action: AuditAction;
  /** What was changed: the id of an account, user, credential, campaign, or the code of a product. */
  subject: string;
  details: AuditDetails;
}

/** The owner, where his tools do not say who works with them. */
export const ownerActor: Actor = { kind: 'owner', id: null, name: 'owner', address: null };

/** A client that came in by an API. */
export function clientActor({
  credentialId,
  channel,
}: {
  credentialId: CredentialId;
  channel: string;
}): Actor {
  return { kind: 'client', id: credentialId, name: channel, address: null };
}

/** What is different, as details: `{ name: 'new' , "name before": 'old' }`. Only of the fields that are named. */
export function changesOf<T extends object>(
  before: T,
  after: T,
  fields: readonly (keyof T & string)[],
): AuditDetails {
  const details: Record<string, string | number | boolean | null> = {};
  for (const field of fields) {
    const [was, is] = [plain(before[field]), plain(after[field])];
    if (was === is) continue;
    details[field] = is;
    details[`${field} before`] = was;
  }
  return details;
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return JSON.stringify(value);
}
