import type { AccountId, EndpointId } from '../ids.ts';

/** Where a client wants to hear of events. */
export interface Endpoint {
  id: EndpointId;
  accountId: AccountId;
  /** Whose words it is told in: a dialect's name, or `standard` for Standard Webhooks. */
  form: string;
  /** The form's own name for what is told there: `status`, `inbound`. */
  topic: string;
  /** Empty where clients open sessions to us. */
  url: string;
  /** Sealed signing secret, where the form signs. */
  secret: string | null;
  createdAt: number;
  /** Set when the receiver said it is gone (410) or the owner switched it off. */
  disabledAt: number | null;
}

/** Is it told by requests? */
export function isWebhook({ url }: Pick<Endpoint, 'url'>): boolean {
  return url !== '';
}
