import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export interface CutWire {
  /** The same database, over the wire. */
  url: string;
  /**
   * The next connection over which something with this text goes, and then COMMIT, is cut as soon as
   * the server has carried that out and before its answer arrives.
   */
  cutAfterCommitOf(text: string): void;
  /** How often it was cut. */
  cuts(): number;
  close(): void;
}

/** A wire to a database that can be cut at the worst moment. @param target its URL. */
export async function cutWire(target: string): Promise<CutWire> {
  const to = new URL(target);
  const sockets = new Set<Socket>();
  let wanted: string | undefined;
  let cuts = 0;
  const server = createServer((client) => {
    const far = connect(Number(to.port), to.hostname);
    let seen = false;
    let cutting = false;
    client.on('data', (data: Buffer) => {
      if (wanted !== undefined && data.includes(wanted)) seen = true;
      if (seen && data.includes('commit\0')) {
        cutting = true;
        wanted = undefined;
      }
      far.write(data);
    });
    far.on('data', (data: Buffer) => {
      // What was asked before it may be answered; "C" with this text is the answer to COMMIT.
      const at = cutting ? data.indexOf('COMMIT\0') : -1;
      if (at < 0) client.write(data);
      else {
        cuts += 1;
        client.end(data.subarray(0, at - 5));
        far.destroy();
      }
    });
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        far.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  to.port = String((server.address() as AddressInfo).port);
  const port = new URL(target).port;
  const url = to.href;
  to.port = port;
  return {
    url,
    cutAfterCommitOf: (text) => {
      wanted = text;
    },
    cuts: () => cuts,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
