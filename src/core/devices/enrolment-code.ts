import type { AccountId, CredentialId } from '../ids.ts';

/** A one-time code by which a phone can come in. */
export interface EnrolmentCode {
  /** Its digest. */
  code: string;
  accountId: AccountId;
  /** The log-in that asked for it. */
  credentialId: CredentialId | null;
  expiresAt: number;
}
