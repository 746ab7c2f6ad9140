import { z } from 'zod';
import type { Message } from '../../core/messages/message.ts';
import { onceFor } from '../../core/once-for.ts';

const form = z.object({
  /** Where it asked to be told. */
  callbackUrl: z.string().optional(),
  /** Each change of its status is to be told. */
  deliveryReport: z.literal(true).optional(),
  // As it is: a copy would lose a key `__proto__`, which is a key like any other.
  metadata: z.custom<Record<string, string>>(isTexts).optional(),
  sourceNumberType: z.enum(['INTERNATIONAL', 'ALPHANUMERIC', 'SHORTCODE']).optional(),
  media: z.array(z.string()).optional(),
  subject: z.string().optional(),
  /** Instants as they were asked for, whether or not they had passed by then. */
  scheduled: z.number().optional(),
  expires: z.number().optional(),
});

function isTexts(given: unknown): boolean {
  return (
    typeof given === 'object' &&
    given !== null &&
    Object.values(given).every((value) => typeof value === 'string')
  );
}

/** What a message of this dialect keeps beside what all messages have; only what its client gave. */
export type Extras = z.infer<typeof form>;

const none: Extras = {};
const read = onceFor((stored: object): Extras => form.safeParse(stored).data ?? none);

/**
 * Reads them, once for each copy in memory: every event of a message asks several times. Of a message that came in
 * by another way there are none.
 */
export function extrasOf({ extras }: { extras?: Message['extras'] | undefined }): Extras {
  return extras ? read(extras) : none;
}

/** What is stored: null where there is nothing to keep. */
export function storedExtras(extras: Extras): Message['extras'] {
  return Object.keys(extras).length > 0 ? extras : null;
}
