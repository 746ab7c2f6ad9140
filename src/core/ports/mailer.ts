/** A mail as it goes out: plain text to one address. */
export interface Mail {
  /** The same at each try, so that who gets it twice can see that it is one. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** The way out for mail. */
export interface Mailer {
  /**
   * Resolves when the next server has taken it, or it is on disk. Ends in bounded time.
   * @throws MailRefused when trying again is of no use; any other error when it may be.
   */
  send(mail: Mail): Promise<void>;
}

/** The server will not have this mail, now or later. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
}
