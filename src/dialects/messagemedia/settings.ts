import { z } from 'zod';
import { settingsReader } from '../../core/accounts/settings-reader.ts';

/** What an account keeps for this dialect. */
export const accountSettings = z.strictObject({
  vendorId: z
    .string()
    .min(1)
    .max(50)
    .default('MessageMedia')
    .describe('The vendor_id that stands in reports and replies: MessageMedia, or SinchEU.'),
  billingUnits: z
    .boolean()
    .default(false)
    .describe('Whether reports say how many parts a message had (billing_units).'),
  defaultSender: z
    .string()
    .min(1)
    .max(16)
    .nullable()
    .default(null)
    .describe(
      'What a message shows that names no source_number. Null: the first number of the account, else its first name.',
    ),
  shortenUrls: z
    .boolean()
    .nullable()
    .default(null)
    .describe(
      'Whether URLs in texts become short ones, and who follows them is counted. Null: as the account has it (--shorten-links).',
    ),
  clockSkewSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(900)
    .describe(
      'How far the Date of a signed request may be from the clock of the gateway; 0: it is not looked at.',
    ),
});

export type Settings = z.infer<typeof accountSettings>;

/** An account's settings. */
export const settingsOf = settingsReader('messagemedia', accountSettings);
