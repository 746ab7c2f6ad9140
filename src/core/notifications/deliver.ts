import type { AccountView } from '../accounts/account.ts';
import type { Directory } from '../accounts/directory.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryPolicy, NotificationForm, NotificationRequest } from '../ports/notifier.ts';
import type { Vault } from '../ports/vault.ts';
import type { Endpoint } from './endpoint.ts';
import type { Notification, NotificationAttempt } from './notification.ts';
import type { Outbox } from './outbox.ts';
import { urlOf } from './outbox.ts';
import type { SigningKey, UnsealedKey } from './signing-key.ts';

/** Who is to hear a notification, and in which form. */
export interface Receiver {
  view: AccountView;
  endpoint: Endpoint;
  form: NotificationForm;
  policy: DeliveryPolicy;
  url: string;
}

/** How a try went, as far as the policy cares. */
export interface TryResult {
  /** HTTP status, or null when there was no answer. */
  status: number | null;
  detail: string | null;
  /** What the receiver asked for, when it said when to come back. */
  retryAfterMs: number | undefined;
  durationMs: number;
}

/** A notification as it is after a try, and the try. */
export interface Finished {
  notification: Notification;
  attempt: NotificationAttempt;
  /** As it was when it was claimed for this try. */
  claimed: Pick<Notification, 'lockedBy' | 'dueAt'>;
}

/**
 * @returns null when nobody is there to hear it any more: the account, the endpoint or its form is
 * gone or switched off.
 */
export async function receiverOf(
  notification: Notification,
  tools: { directory: Directory; outbox: Outbox },
): Promise<Receiver | null> {
  const view = await tools.directory.view(notification.accountId);
  const endpoint = view?.endpoints.find((one) => one.id === notification.endpointId);
  const form = endpoint && tools.outbox.form(endpoint.form);
  if (!view || !endpoint || !form) return null;
  const url = urlOf(form, notification.event, endpoint);
  return { view, endpoint, form, policy: form.policy(endpoint, view), url };
}

/** The request of the next try, rendered and signed now. */
export function renderTry(
  notification: Notification,
  { form, endpoint, view }: Receiver,
  tools: { vault: Vault; clock: Clock },
): NotificationRequest | Promise<NotificationRequest> {
  return form.render(notification.event, endpoint, view, {
    now: tools.clock.now(),
    secret: secretOf(endpoint, tools.vault),
    notificationId: notification.id,
    attempt: notification.attempts,
    signingKey: keyOf(view, tools.vault),
  });
}

const secrets = new WeakMap<Endpoint, string>();
const keys = new WeakMap<SigningKey, UnsealedKey>();

/** Unsealed once for each copy of the endpoint in memory, which lives for a moment: it takes 10 µs. */
function secretOf(endpoint: Endpoint, vault: Vault): string | null {
  if (endpoint.secret === null) return null;
  let secret = secrets.get(endpoint);
  if (secret === undefined) {
    secret = vault.unseal(endpoint.secret);
    secrets.set(endpoint, secret);
  }
  return secret;
}

/** The same for the account's key; the same object for as long as the copy lives. */
function keyOf({ signingKey }: AccountView, vault: Vault): UnsealedKey | null {
  if (signingKey === null) return null;
  let key = keys.get(signingKey);
  if (key === undefined) {
    const { id, cipher, digest, privateKey } = signingKey;
    key = { id, cipher, digest, privateKey: vault.unseal(privateKey) };
    keys.set(signingKey, key);
  }
  return key;
}

/**
 * What a try makes of its notification: delivered, due again after the policy's next delay (or what
 * the receiver asked for, when that is longer), or failed when the tries are used up. A receiver that
 * answers 410 is gone: no further tries.
 */
export function afterTry(
  notification: Notification,
  policy: DeliveryPolicy,
  result: TryResult,
  now: number,
): Finished {
  const attempts = notification.attempts + 1;
  const heard = result.status !== null && policy.succeeded(result.status);
  const delay = policy.retryDelaysMs[notification.attempts];
  const again = !heard && result.status !== 410 && delay !== undefined;
  return {
    claimed: { lockedBy: notification.lockedBy, dueAt: notification.dueAt },
    notification: {
      ...notification,
      attempts,
      status: heard ? 'delivered' : again ? 'pending' : 'failed',
      dueAt: again ? now + Math.max(delay, result.retryAfterMs ?? 0) : now,
      lockedBy: null,
      doneAt: again ? null : now,
    },
    attempt: {
      notificationId: notification.id,
      number: attempts,
      at: now - result.durationMs,
      durationMs: result.durationMs,
      status: result.status,
      detail: heard ? null : result.detail,
    },
  };
}

/** The end of a notification whose receiver is gone: it counts as a last, failed try. */
export function withoutReceiver(notification: Notification, now: number): Finished {
  return afterTry(
    notification,
    { succeeded: () => false, timeoutMs: 0, retryDelaysMs: [] },
    {
      status: null,
      detail: 'There is no such endpoint any more.',
      retryAfterMs: undefined,
      durationMs: 0,
    },
    now,
  );
}
