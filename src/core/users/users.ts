import { PostOffice } from '../mail/post-office.ts';
import { AttemptLimits } from './attempt-limits.ts';
import type { UserContext } from './context.ts';
import { Passwords } from './passwords.ts';
import { SecondFactor } from './second-factor.ts';
import { SignIn } from './sign-in.ts';
import { UserBook } from './user-book.ts';

/** The people who log in to the console: what the console's API and the owner's tools call. */
export class Users {
  readonly signIn: SignIn;
  readonly passwords: Passwords;
  readonly secondFactor: SecondFactor;
  readonly book: UserBook;
  readonly post: PostOffice;

  constructor(parts: Omit<UserContext, 'limits' | 'post'>) {
    this.post = new PostOffice(parts, parts.settings);
    const limits = new AttemptLimits(parts, parts.settings.limits);
    const context: UserContext = { ...parts, limits, post: this.post };
    this.secondFactor = new SecondFactor(context);
    this.signIn = new SignIn(context, this.secondFactor);
    this.passwords = new Passwords(context);
    this.book = new UserBook(context, this.secondFactor);
  }
}
