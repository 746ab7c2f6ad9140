import { afterEach, expect, it } from 'vitest';
import { MailRefused } from '../core/ports/mailer.ts';
import type { SmtpSettings } from './smtp.ts';
import { smtpMailer } from './smtp.ts';
import type { Script, SmtpServer } from './testkit/smtp-server.ts';
import { createSmtpServer } from './testkit/smtp-server.ts';

let server: SmtpServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const mail = {
  id: '019a2b3c',
  to: 'ann@shop.example',
  subject: 'Grüße',
  text: 'Hello Ann,\n.\nhttps://sms.example/#x=y\n',
};

async function mailerOn(script: Script, more: Partial<SmtpSettings> = {}) {
  server = await createSmtpServer(script);
  return smtpMailer({
    host: '127.0.0.1',
    port: server.port,
    tls: 'none',
    user: '',
    password: '',
    from: 'Parlance <sms@gateway.example>',
    timeoutMs: 5_000,
    ...more,
  });
}

it('hands a mail to the server', async () => {
  const mailer = await mailerOn({});
  await mailer.send(mail);
  expect(server?.lines).toEqual(
    expect.arrayContaining(['MAIL FROM:<sms@gateway.example>', 'RCPT TO:<ann@shop.example>']),
  );
  const [text = ''] = server?.texts ?? [];
  expect(text).toContain('From: Parlance <sms@gateway.example>');
  expect(text).toContain('To: ann@shop.example');
  expect(text).toContain('Message-ID: <019a2b3c@gateway.example>');
  expect(text).toContain('Auto-Submitted: auto-generated');
  expect(text).toContain('https://sms.example/#x=y');
});

it('logs in where it is told to', async () => {
  const mailer = await mailerOn(
    { EHLO: '250-test\r\n250 AUTH PLAIN' },
    { user: 'me', password: 'secret' },
  );
  await mailer.send(mail);
  const login = Buffer.from('\0me\0secret').toString('base64');
  expect(server?.lines).toContain(`AUTH PLAIN ${login}`);
});

it.each([
  ['an unknown mailbox', { RCPT: '550 5.1.1 no such mailbox' }],
  ['a text it will not have', { end: '554 5.7.1 this is spam' }],
] as [string, Script][])('is not tried again after %s', async (_what, script) => {
  const mailer = await mailerOn(script);
  await expect(mailer.send(mail)).rejects.toBeInstanceOf(MailRefused);
});

it.each([
  ['a mailbox that is busy', { RCPT: '451 4.7.1 grey-listed' }, {}],
  ['a full disk', { end: '452 4.3.1 no room' }, {}],
  ['a server that is not up to it', { greeting: '554 not today' }, {}],
  [
    'a wrong password',
    { EHLO: '250-x\r\n250 AUTH PLAIN', AUTH: '535 no' },
    { user: 'a', password: 'b' },
  ],
  ['a line that breaks', { cutBeforeEnd: true }, {}],
  ['a server without TLS where it is asked for', {}, { tls: 'starttls' }],
  ['a server that speaks no TLS', {}, { tls: 'tls', timeoutMs: 300 }],
  ['a server that says nothing', { greeting: null }, { timeoutMs: 300 }],
] as [string, Script, Partial<SmtpSettings>][])(
  'is tried again after %s',
  async (_what, script, more) => {
    const mailer = await mailerOn(script, more);
    const error: unknown = await mailer.send(mail).catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(MailRefused);
    expect(server?.texts).toEqual([]);
    // Nothing is said in the open that should be encrypted.
    if (more.tls === 'starttls') expect(server?.lines.join()).not.toMatch(/MAIL|AUTH/);
  },
);

it('is tried again when there is no server', async () => {
  const mailer = await mailerOn({});
  await server?.close();
  server = undefined;
  const error: unknown = await mailer.send(mail).catch((failed: unknown) => failed);
  expect(error).not.toBeInstanceOf(MailRefused);
  expect(String(error)).toMatch(/ECONNREFUSED/);
});

it('an address is one address', async () => {
  const mailer = await mailerOn({});
  await mailer.send({ ...mail, to: 'ann@shop.example, eve@evil.example' }).catch(() => {});
  expect(server?.lines.filter((line) => line.startsWith('RCPT')).length).toBeLessThan(2);
  expect(server?.lines).not.toContain('RCPT TO:<eve@evil.example>');
});
