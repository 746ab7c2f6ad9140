import { z } from 'zod';
import { settingsReader } from '../../core/accounts/settings-reader.ts';
import { gsm7Length } from '../../text/gsm7.ts';

/** What `{optout}` counts as, whatever is put in its place (reference A.3). */
const longestOptoutText = 20;

const optoutText = z
  .string()
  .min(1)
  .refine((text) => {
    const septets = gsm7Length(text);
    return septets > 0 && septets <= longestOptoutText;
  }, `must have at most ${longestOptoutText} characters of the GSM alphabet`)
  // Exactly 20 characters, so that a text costs what its sender counted.
  .default('Opt out: Reply Stop.');

/** What an account keeps for this dialect. */
export const accountSettings = z.strictObject({
  edition: z
    .enum(['2024', '2026'])
    .default('2024')
    .describe('Which edition of the API its clients were written for.'),
  webhookRetries: z
    .union([z.enum(['minutely', 'exponential']), z.array(z.int().min(1).max(86_400)).max(20)])
    .default('minutely')
    .describe(
      'When a webhook is tried again: minutely (5 times, a minute apart), exponential (8 times in about four hours), or the waits in seconds.',
    ),
  // Seed: "up to 5 simultaneous requests per account".
  requestsInFlight: z
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .describe('How many requests it may have under way at once; the next one is answered 429.'),
  optoutText: optoutText.describe('What {optout} becomes where a reply reaches the gateway.'),
  optoutTextForNames: optoutText.describe(
    'What {optout} becomes where it does not: under a name or the own number of the account.',
  ),
});

export type Settings = z.infer<typeof accountSettings>;
export type Edition = Settings['edition'];

/** An account's settings. */
export const settingsOf = settingsReader('mobilemessage', accountSettings);
