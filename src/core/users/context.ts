import type { Directory } from '../accounts/directory.ts';
import type { LoginGuard } from '../accounts/login-guard.ts';
import type { PostOffice } from '../mail/post-office.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { Vault } from '../ports/vault.ts';
import type { AttemptLimits } from './attempt-limits.ts';
import type { UserSettings } from './settings.ts';

/** What all that has to do with users is made with. */
export interface UserContext {
  storage: Storage;
  directory: Directory;
  clock: Clock;
  ids: Ids;
  vault: Vault;
  guard: LoginGuard;
  limits: AttemptLimits;
  post: PostOffice;
  settings: UserSettings;
}
