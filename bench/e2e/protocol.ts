/** What the benchmark and the process of its instruments tell each other. */

/** What all messages say, and who seems to say it: GSM characters, one part. */
export const text = 'Hello, this is a test message';
export const sender = 'CompanyABC';

/** The one log-in of the SMSC. */
export const smscLogin = { systemId: 'bench', password: 'secret' };

/** One connection of the load: it has one request in flight. */
export interface LoadConnection {
  port: number;
  /** Head and body, with the blanks of `numbering.ts`. */
  request: string;
}

/** What one round sends. */
export interface Round {
  connections: LoadConnection[];
  /** The place of its first message, and how many messages there are. */
  first: number;
  count: number;
}

export type Order = { do: 'run'; round: Round } | { do: 'account' };

export type Word =
  | { is: 'ready'; smscPort: number; webhookPort: number }
  | { is: 'finished'; finish: Finish }
  | { is: 'accounted'; account: Account };

export interface Finish {
  /** From the first request to the last webhook that was answered, in milliseconds. */
  tookMs: number;
  /** From the first request to the last answer to a request. */
  acceptedMs: number;
  /** CPU of the instruments themselves, in milliseconds. */
  cpuMs: number;
  /** Why the round ended although messages were missing; null when all came. */
  reason: string | null;
}

/** How often what should happen once to each message did not. */
export interface Deviation {
  missing: number;
  repeated: number;
}

export interface Account {
  /** submit_sm. */
  submitted: Deviation;
  /** Receipts that the gateway acknowledged by deliver_sm_resp. */
  acknowledged: Deviation;
  /** Webhooks. */
  told: Deviation;
  /** What came and belongs to no message of the round, or does not say what it should. */
  strange: number;
}
