import { z } from 'zod';
import { settingsReader } from '../../core/accounts/settings-reader.ts';
import { media } from '../../core/messages/medium.ts';
import { isTimeZone } from '../../text/time-zone.ts';
import { isNetwork } from '../shared/allow-list.ts';

/** A code that stands in `service`. */
const code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);

/** What an account keeps for this dialect. */
export const accountSettings = z.strictObject({
  products: z
    .record(
      code,
      z.strictObject({ name: z.string().min(1).max(100), medium: z.enum(media).default('sms') }),
    )
    .default({})
    .describe(
      'Product codes beside T, P, S, G, VOC, WAP, RCS and VBR and those that the account is offered, such as {"MKT": {"name": "Promotional SMS"}}.',
    ),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be a time zone such as Asia/Kolkata')
    .default('Asia/Kolkata')
    .describe('In which times without a zone are written and read.'),
  getsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1_000)
    .describe('How many GET requests a minute are answered.'),
  registers: z
    .boolean()
    .default(false)
    .describe('Whether its programs may make accounts under it (POST register).'),
});

export type Settings = z.infer<typeof accountSettings>;

/** An account's settings. */
export const settingsOf = settingsReader('mobtexting', accountSettings);

/** What is kept with a token. */
export const credentialSettings = z.strictObject({
  allow: z
    .preprocess(
      // As people type it: with commas.
      (value) => (typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value),
      z.array(z.string().refine(isNetwork, 'it must be addresses and networks')).max(100),
    )
    .default([])
    .describe('Addresses and networks from which the token is good; none is from anywhere.'),
});
