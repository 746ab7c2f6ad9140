import { z } from 'zod';
import type { Message } from '../../core/messages/message.ts';

const form = z.object({
  smsgate: z.object({
    /** It asked for no delivery reports (`withDeliveryReport`). */
    unreported: z.literal(true).optional(),
  }),
});

/** What a message of this dialect keeps beside what all messages have. Its id here is its `clientRef`. */
export type Extras = z.infer<typeof form>['smsgate'];

/** Reads them; null for a message that came in by another way. */
export function extrasOf({ extras }: { extras?: Message['extras'] | undefined }): Extras | null {
  if (!extras) return null;
  return form.safeParse(extras).data?.smsgate ?? null;
}

/** What is stored. */
export function storedExtras(extras: Extras): z.infer<typeof form> {
  return { smsgate: extras };
}
