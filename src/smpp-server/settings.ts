import { z } from 'zod';
import { settingsReader } from '../core/accounts/settings-reader.ts';
import { isNetwork } from '../dialects/shared/allow-list.ts';
import { idForms } from './message-ids.ts';

/** The server's own, from the configuration (`smppServer`). */
export interface ServerSettings {
  host: string;
  /** Null: it does not listen without TLS. 0 takes any free port. */
  port: number | null;
  /** Null: it does not listen with TLS. */
  tls: { port: number; cert: string | Buffer; key: string | Buffer } | null;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  enquireLinkMs: number;
  /** 0 never. */
  inactivityMs: number;
  /** A client's requests that may wait for answers at once, on each connection. */
  window: number;
  /** Our deliver_sm that may wait for answers at once, on each connection. */
  deliveryWindow: number;
  answerTimeoutMs: number;
  /** How long what is to be told waits for a session. */
  keepMs: number;
}

/** What a credential says of those who bind with it. */
export const credentialSettings = z.strictObject({
  allow: z
    .preprocess(
      // As people type it: with commas.
      (value) => (typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value),
      z.array(z.string().refine(isNetwork, 'it must be addresses and networks')).max(100),
    )
    .default([])
    .describe('Addresses and networks from which it may bind; none is from anywhere.'),
  maxBinds: z
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('How many sessions may be bound with it at once, on all nodes together.'),
  throughput: z
    .number()
    .min(0)
    .max(100_000)
    .default(0)
    .describe('Messages and pieces a second that each node takes of it; 0 is no limit.'),
  priority: z
    .int()
    .min(0)
    .max(3)
    .default(3)
    .describe('The highest priority_flag that is honoured.'),
  messageIds: z
    .enum(idForms)
    .default('hex')
    .describe('How ids of messages are written: 32 hexadecimal digits, or 37 decimal ones.'),
});

export type CredentialSettings = z.infer<typeof credentialSettings>;

/** What an account says of its texts: any of its sessions may be given a reply. */
export const accountSettings = z.strictObject({
  alphabet: z
    .enum(['gsm7', 'latin1'])
    .default('gsm7')
    .describe('What data_coding 0 means, both ways: the GSM alphabet, unpacked, or Latin-1.'),
  dataCoding1: z
    .enum(['ascii', 'gsm7'])
    .default('ascii')
    .describe(
      'What data_coding 1 of its messages means: ASCII, or the GSM alphabet, as the npm package smpp has it.',
    ),
  longReplies: z
    .enum(['udh', 'payload'])
    .default('udh')
    .describe('How a long reply is given: in parts with a header, or whole in message_payload.'),
});

export type AccountSettings = z.infer<typeof accountSettings>;

/** An account's settings. */
export const accountSettingsOf = settingsReader('smpp', accountSettings);

/**
 * A credential's settings. Of what cannot be read only the addresses matter so much that nobody may bind
 * until it is mended: undefined then.
 */
export function credentialSettingsOf(settings: unknown): CredentialSettings | undefined {
  const parsed = credentialSettings.safeParse(settings ?? {});
  return parsed.success ? parsed.data : undefined;
}
