import type { Mail } from '../ports/mailer.ts';
import type { MailKind } from './outgoing-mail.ts';

/** What the text of a mail is made of. */
export interface MailFacts {
  name: string;
  /** What he was invited to, or where he is. */
  of: string;
  /** Where a password is chosen, with the token; null where there is nothing to choose. */
  link: string | null;
  /** For how long the link is good. */
  lifeMs: number;
}

const signature = '\n-- \nThis mail was sent by Parlance, an SMS gateway.\n';

/** What each mail says. */
export function mailText(
  kind: MailKind,
  { name, of, link, lifeMs }: MailFacts,
): Pick<Mail, 'subject' | 'text'> {
  const hello = `Hello ${name},\n\n`;
  const good = `The link is good for ${span(lifeMs)} and for one use.`;
  switch (kind) {
    case 'activation':
      return {
        subject: `Your access to ${of}`,
        text: `${hello}you are invited to ${of}. Choose a password here:\n\n${link}\n\n${good}\nIf you do not know what this is about, do nothing.\n${signature}`,
      };
    case 'reset':
      return {
        subject: 'Choose a new password',
        text: `${hello}somebody, hopefully you, asked for a new password for ${of}. Choose it here:\n\n${link}\n\n${good}\nIf it was not you, do nothing: your password stays as it is.\n${signature}`,
      };
    case 'password-changed':
      return {
        subject: 'Your password was changed',
        text: `${hello}your password for ${of} was changed, and you were logged out everywhere else. If it was not you, ask for a new password at once and tell who runs the gateway.\n${signature}`,
      };
    case 'two-factor-off':
      return {
        subject: 'Two-factor log-in was switched off',
        text: `${hello}the codes of your authenticator are no longer asked for at ${of}. If it was not you, ask for a new password at once and tell who runs the gateway.\n${signature}`,
      };
  }
}

function span(ms: number): string {
  const hours = Math.round(ms / 3_600_000);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours >= 2) return `${hours} hours`;
  return `${Math.max(1, Math.round(ms / 60_000))} minutes`;
}
