import type { Rule } from './behaviour.ts';
import type { IdForm } from './ids.ts';

/** What becomes of a bind: taken, refused with a status, never answered, or the line is cut. */
export type BindAnswer = 'take' | 'ignore' | 'cut' | { refuse: number };

/** How the carrier is; all may be changed while it runs, and counts from then on. */
export interface SmscSettings {
  /** The log-ins it knows, by system_id; null: it takes all. */
  logins: Readonly<Record<string, string>> | null;
  /** What becomes of binds in their order; the last stands for all further. */
  binds: readonly BindAnswer[];
  /** sc_interface_version of the answer to a bind; null leaves it out. */
  interfaceVersion: number | null;
  /** How ids are written, and after how many messages they begin again. */
  ids: { answer: IdForm; receipt: IdForm; reuseAfter: number };
  /** What is different for some submits, or all; see `Rule`. */
  rules: Rule[];
  answersEnquireLink: boolean;
  /** What was refused for now, or not answered, comes again after so long; null: never. */
  resendMs: number | null;
  /** Hears of binds and submits in one line each. */
  log: ((line: object) => void) | null;
}

export interface SmscOptions extends Partial<Omit<SmscSettings, 'ids'>> {
  ids?: Partial<SmscSettings['ids']>;
  /** 0, the default, is any free one. */
  port?: number;
  /** PEM; with them it speaks TLS and nothing else. */
  tls?: { cert: string; key: string };
  /** All that is left to chance. */
  seed?: number;
}
