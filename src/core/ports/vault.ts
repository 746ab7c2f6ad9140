/**
 * Secrets at rest. What must only be compared is hashed; what must be recovered (webhook and HMAC
 * secrets, upstream passwords) is sealed with the key from the configuration.
 */
export interface Vault {
  /** Encrypts for storage; the same text gives another result each time. */
  seal(secret: string): string;
  /** @throws Error when the text was sealed with another key or was changed. */
  unseal(sealed: string): string;
  /**
   * A signature that every node can check and nobody else can make: HMAC-SHA256 (RFC 2104) as base64url.
   * @param purpose what is signed for one is no signature for another.
   */
  sign(text: string, purpose: string): string;
  /** argon2id, for passwords people choose. Costs tens of milliseconds. */
  hashPassword(password: string): Promise<string>;
  verifyPassword(hash: string, password: string): Promise<boolean>;
  /** A new RSA key of 2048 bits, made off this thread: SPKI (DER) as base64, and PKCS #8 as PEM. */
  newKeyPair(): Promise<{ publicKey: string; privateKey: string }>;
  /** SHA-256 as hex, for keys and tokens that are random already. */
  digest(token: string): string;
  /**
   * A keyed digest that only this process can make: lets a verified password be remembered without
   * keeping anything that would be useful outside.
   */
  fingerprint(text: string): string;
}
