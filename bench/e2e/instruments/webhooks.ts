import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { placeInText } from '../numbering.ts';
import { endOfHttpMessage } from '../../http-frame.ts';
import type { Ledger } from './ledger.ts';

const okay = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
/** How the gateways say that a message was delivered. */
const delivered = ['"status":"delivered"', '?status=1 '] as const;

/** A client's server: it answers every webhook 200 and enters what it was told. */
export function webhookServer(ledger: () => Ledger) {
  return createServer({ noDelay: true }, (socket: Socket) => {
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: string) => {
      let text = rest === '' ? chunk : rest + chunk;
      for (let end = endOfHttpMessage(text); end > 0; end = endOfHttpMessage(text)) {
        socket.write(okay, 'latin1');
        enter(ledger(), end === text.length ? text : text.slice(0, end));
        text = text.slice(end);
      }
      rest = text;
    });
  });
}

function enter(ledger: Ledger, request: string): void {
  const place = placeInText(request);
  if (place < 0 || !delivered.some((words) => request.includes(words))) ledger.strange();
  else ledger.told(place);
}
