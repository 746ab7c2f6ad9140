import type { Rate } from '../ports/storage.ts';

/** How users are dealt with. */
export interface UserSettings {
  /** Where the page for passwords is; a `#`, a word and a token follow. Asked each time. */
  passwordPage: () => string;
  session: {
    /** Without a request it ends after so long … */
    idleMs: number;
    /** … and in any case after so long. */
    lifeMs: number;
  };
  /** For how long the links in mails are good. */
  activationMs: number;
  resetMs: number;
  /** Attempts that are allowed in a window: of one user or address. */
  limits: Readonly<Record<LimitKind, Rate>>;
}

export type LimitKind = 'passwordReset' | 'twoFactor' | 'activation';

const minute = 60_000;
const hour = 60 * minute;

/** As one platform of the kind documents them, and clients have learned them. */
export const usualUserSettings: UserSettings = {
  passwordPage: () => 'http://127.0.0.1:8080/api/console/password',
  session: { idleMs: 30 * minute, lifeMs: 12 * hour },
  activationMs: 72 * hour,
  resetMs: hour,
  limits: {
    passwordReset: { most: 3, windowMs: 5 * minute },
    twoFactor: { most: 3, windowMs: 5 * minute },
    activation: { most: 3, windowMs: 2 * minute },
  },
};
