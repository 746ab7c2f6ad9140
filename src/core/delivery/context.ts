import type { Directory } from '../accounts/directory.ts';
import type { Outbox } from '../notifications/outbox.ts';
import type { Clock } from '../ports/clock.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Ids } from '../ports/ids.ts';
import type { Meter } from '../ports/meter.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { Routing } from '../routing/routing.ts';

/** What the steps of a delivery work with. */
export interface DeliveryContext {
  storage: Storage;
  directory: Directory;
  outbox: Outbox;
  routing: Routing;
  dispatcher: Dispatcher;
  clock: Clock;
  ids: Ids;
  vault: Vault;
  meter: Meter;
  settings: DeliverySettings;
}

export interface DeliverySettings {
  /** Hand-overs of one message before it has failed. */
  maxAttempts: number;
  /** How long after `sent` a receipt is waited for. */
  receiptTimeoutMs: number;
  /** How long a link may take to answer a hand-over; then the message is `unknown`. */
  answerTimeoutMs: number;
  /** How far back a reply is taken as answering a message. */
  replyWindowMs: number;
}
