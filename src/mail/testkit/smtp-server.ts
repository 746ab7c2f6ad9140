import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** What the server says to each kind of line; what is not named is `250 ok`. */
export interface Script {
  greeting?: string | null;
  EHLO?: string;
  AUTH?: string;
  RCPT?: string;
  /** After the text. */
  end?: string;
  /** After so many mails the connection is cut without a word. */
  cutBeforeEnd?: boolean;
}

export interface SmtpServer {
  port: number;
  /** All that clients said, line by line, without the texts. */
  lines: string[];
  /** The texts, whole. */
  texts: string[];
  script: Script;
  close(): Promise<void>;
}

/** An SMTP server that does as it is told (RFC 5321), on loopback. */
export async function createSmtpServer(script: Script = {}): Promise<SmtpServer> {
  const sockets = new Set<Socket>();
  const self = { lines: [] as string[], texts: [] as string[], script };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const say = (line: string) => socket.write(`${line}\r\n`);
    const { greeting = '220 test' } = self.script;
    if (greeting !== null) say(greeting);
    let text: string[] | undefined;
    let rest = '';
    socket.setEncoding('utf8').on('data', (data: string) => {
      const lines = (rest + data).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (text) {
          if (line !== '.') {
            text.push(line);
            continue;
          }
          if (self.script.cutBeforeEnd) {
            socket.destroy();
            return;
          }
          const answer = self.script.end ?? '250 taken';
          if (answer.startsWith('2')) self.texts.push(text.join('\n'));
          text = undefined;
          say(answer);
          continue;
        }
        self.lines.push(line);
        const [word = ''] = line.toUpperCase().split(/[ :]/);
        if (word === 'DATA') {
          text = [];
          say('354 go on');
        } else if (word === 'QUIT') {
          say('221 bye');
          socket.end();
        } else if (word === 'EHLO') say(self.script.EHLO ?? '250 test');
        else if (word === 'AUTH') say(self.script.AUTH ?? '235 fine');
        else if (word === 'RCPT') say(self.script.RCPT ?? '250 ok');
        else say('250 ok');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(self, {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  });
}
