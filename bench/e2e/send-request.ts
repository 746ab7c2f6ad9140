import type { LoadConnection } from './protocol.ts';
import { sender, text } from './protocol.ts';
import { blanks, filler } from './numbering.ts';

const body = JSON.stringify({
  messages: [{ to: blanks.national, message: text, sender, custom_ref: blanks.reference }],
});

/** One message as Mobile Message's clients post it, to a gateway that listens at `url`. */
export function sendRequest(
  url: string,
  path: string,
  headers: readonly string[] = [],
): LoadConnection {
  const { host, port } = new URL(url);
  return {
    port: Number(port),
    request: [
      `POST ${path} HTTP/1.1`,
      `Host: ${host}`,
      ...headers,
      'Content-Type: application/json',
      `Content-Length: ${filler(body)(0).length}`,
      '',
      body,
    ].join('\r\n'),
  };
}
