import { z } from 'zod';
import type { Message } from '../../core/messages/message.ts';

const form = z.object({
  mobtexting: z.object({
    /** The client's own id of a message. */
    custom: z.string().optional(),
    custom1: z.string().optional(),
    /** Where its status is told, beside those who have subscribed to all. */
    webhookId: z.string().optional(),
    /** Its product: of messages that were refused at once the core keeps none. */
    service: z.string().optional(),
    /** It is known by its own id, and not by its place in a group. */
    alone: z.literal(true).optional(),
  }),
});

/** What a message of this dialect keeps beside what all messages have. */
export type Extras = z.infer<typeof form>['mobtexting'];

/** Reads them; nothing of a message that came in by another way. */
export function extrasOf({ extras }: { extras?: Message['extras'] | undefined }): Extras {
  return (extras && form.safeParse(extras).data?.mobtexting) ?? {};
}

/** What is stored. */
export function storedExtras(extras: Extras): z.infer<typeof form> {
  return { mobtexting: extras };
}
