import type { Agent } from 'node:http';
import { request } from 'node:http';

export interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

export interface Asked {
  headers?: Record<string, string>;
  body?: unknown;
  /** The body as it is. */
  raw?: string | Buffer;
  agent?: Agent | undefined;
}

/** One request over a real socket; rejects when the connection breaks. */
export function ask(
  method: string,
  url: string,
  { headers = {}, body, raw, agent }: Asked = {},
): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        ...(agent && { agent }),
        headers: {
          ...headers,
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
          }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(payload);
  });
}
