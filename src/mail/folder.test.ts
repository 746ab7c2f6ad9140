import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { folderMailer } from './folder.ts';

it('writes each mail into a file that only its owner reads', async () => {
  const data = await mkdtemp(path.join(os.tmpdir(), 'parlance-mail-'));
  try {
    const folder = path.join(data, 'mail');
    const mailer = folderMailer(folder, 'sms@gateway.example');
    const mail = { id: 'one', to: 'ann@shop.example', subject: 'Hello', text: 'Hello Ann\n' };
    await mailer.send(mail);
    // Once more, as after a crash.
    await mailer.send(mail);
    await mailer.send({ ...mail, id: 'two' });
    expect((await readdir(folder)).toSorted()).toEqual(['one.txt', 'two.txt']);
    expect(await readFile(path.join(folder, 'one.txt'), 'utf8')).toBe(
      'From: sms@gateway.example\nTo: ann@shop.example\nSubject: Hello\n\nHello Ann\n',
    );
    expect((await stat(path.join(folder, 'one.txt'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  } finally {
    await rm(data, { recursive: true });
  }
});
