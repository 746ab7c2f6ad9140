import type { AccountId, EndpointId } from '../ids.ts';

/**
 * Who begins, when something is told: a worker by a `request`, a client who has opened a `session`, or a
 * client who asks from time to time (`poll`).
 */
export type Via = 'request' | 'session' | 'poll';

/** Where a client wants to hear of events. */
export interface Endpoint {
  id: EndpointId;
  accountId: AccountId;
  /** Whose words it is told in: a dialect's name, or `standard` for Standard Webhooks. */
  form: string;
  /** The form's own name for what is told there: `status`, `inbound`. */
  topic: string;
  via: Via;
  /** Empty where clients come to us, and where each event has its own (`NotificationForm.urlOf`). */
  url: string;
  /** What its form keeps with it; the form's schema reads it. */
  settings: Readonly<Record<string, unknown>>;
  /** Sealed signing secret, where the form signs. */
  secret: string | null;
  createdAt: number;
  /** Set when the receiver said it is gone (410) or the owner switched it off. */
  disabledAt: number | null;
}

/** Is it told by requests to a URL of its own? */
export function isWebhook({ url }: Pick<Endpoint, 'url'>): boolean {
  return url !== '';
}
