import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Mailer } from '../core/ports/mailer.ts';

/**
 * Mail as files, for who tries the gateway and has no server: one a mail, in its own words. Written whole under another
 * name first, and for nobody but the owner of the process: there are tokens in them.
 */
export function folderMailer(folder: string, from: string): Mailer {
  return {
    async send({ id, to, subject, text }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = path.join(folder, `${id}.txt`);
      const draft = `${file}.part`;
      const handle = await open(draft, 'w', 0o600);
      try {
        await handle.writeFile(`From: ${from}\nTo: ${to}\nSubject: ${subject}\n\n${text}`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, file);
    },
  };
}
