import type { AccountId, SigningKeyId } from '../ids.ts';

export const signingDigests = ['SHA224', 'SHA256', 'SHA512'] as const;
export type SigningDigest = (typeof signingDigests)[number];

/** A key pair with which an account has what it is told signed, where the form can. At most one is enabled. */
export interface SigningKey {
  id: SigningKeyId;
  accountId: AccountId;
  cipher: 'RSA';
  digest: SigningDigest;
  /** X.509 SubjectPublicKeyInfo (DER), as base64. */
  publicKey: string;
  /** PKCS #8 as PEM, sealed. */
  privateKey: string;
  enabled: 0 | 1;
  createdAt: number;
}

/** The same, ready to sign with: `privateKey` is PEM. */
export type UnsealedKey = Pick<SigningKey, 'id' | 'cipher' | 'digest' | 'privateKey'>;
