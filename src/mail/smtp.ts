import { createTransport } from 'nodemailer';
import type { Mailer } from '../core/ports/mailer.ts';
import { MailRefused } from '../core/ports/mailer.ts';

export interface SmtpSettings {
  host: string;
  port: number;
  /** `starttls`: refused where the server does not offer it. `tls`: from the first byte. `none`: in the open. */
  tls: 'starttls' | 'tls' | 'none';
  /** Empty: nobody logs in. */
  user: string;
  password: string;
  from: string;
  /** For each step: to connect, to be greeted, to be answered. */
  timeoutMs: number;
}

/** What went wrong, as nodemailer says it (nodemailer.com/errors). */
interface SmtpError {
  code?: string;
  responseCode?: number;
}

/**
 * Mail by an SMTP server, a connection for each: they are few. A server that is away, slow or busy (4xx) may have it
 * later; one that says 5xx of this address or this text never will. Of a wrong password it is the owner who must hear,
 * and the mail waits until he has mended it.
 */
export function smtpMailer(settings: SmtpSettings): Mailer {
  const { host, port, tls, user, password, from, timeoutMs } = settings;
  const transport = createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    ...(user !== '' && { auth: { user, pass: password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // Nothing of a mail is ever a path or a URL to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ id, to, subject, text }) {
      const messageId = `<${id}@${domainOf(from)}>`;
      try {
        await transport.sendMail({
          from,
          // Not a text that is parsed: it could hold several addresses.
          to: { name: '', address: to },
          subject,
          text,
          messageId,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        const { code, responseCode = 0 } = error as SmtpError;
        const ofThisMail = code === 'EENVELOPE' || code === 'EMESSAGE';
        if (!ofThisMail || responseCode < 500) throw error;
        throw new MailRefused((error as Error).message, { cause: error });
      }
    },
  };
}

function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'localhost';
}
