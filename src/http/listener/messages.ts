/*
 * What the listener's thread and the gateway tell each other. What is told in one turn goes as one array: a message
 * to a thread costs as much as ten of these in it. Lists and not objects, for the same reason.
 */

/** A connection, by its number. */
export type ConnectionId = number;

/** From the thread, in the order in which it happened. */
export type FromThread =
  /** Comes before all else of a connection. `port`: by its place in the addresses that are listened on. */
  | readonly [kind: 'opened', id: ConnectionId, port: number, address: string, remotePort: number]
  /**
   * A whole request of an ordinary kind (`plain-request.ts`); no further one comes before its answer.
   * `headers`: null when they are those that are remembered, which is what clients send, but for the length of the body.
   */
  | readonly [
      kind: 'asked',
      id: ConnectionId,
      method: string,
      url: string,
      headers: readonly string[] | null,
      body: string | null,
    ]
  /** What arrived on a connection that is not read by the thread (any more). */
  | readonly [kind: 'arrived', id: ConnectionId, bytes: Uint8Array]
  /** The other side sends no more. */
  | readonly [kind: 'ended', id: ConnectionId]
  /** One `write` has left, or as good as; after `end`, all that was written. */
  | readonly [kind: 'written', id: ConnectionId]
  | readonly [kind: 'gone', id: ConnectionId]
  | readonly [kind: 'listening', ports: readonly (readonly Bound[])[]]
  | readonly [kind: 'failed', message: string, fields: SystemFields]
  /** After `close`: the last connection has ended. */
  | readonly [kind: 'closed'];

/** Where it listens. */
export interface Bound {
  address: string;
  port: number;
}

/** What an error of the system says beside its sentence. */
export type SystemFields = Pick<NodeJS.ErrnoException, 'code' | 'errno' | 'syscall'> & {
  address?: string;
  port?: number;
};

/** To the thread. */
export type ToThread =
  /** The whole answer to `asked`, without the lines that the thread adds: Date, Connection. */
  | readonly [
      kind: 'answer',
      id: ConnectionId,
      head: string,
      body: string | Uint8Array | null,
      last: boolean,
    ]
  /** The head of an answer that is written bit by bit. */
  | readonly [kind: 'begin', id: ConnectionId, head: string, last: boolean]
  | readonly [kind: 'write', id: ConnectionId, data: string | Uint8Array]
  /** The answer is whole. */
  | readonly [kind: 'done', id: ConnectionId]
  /** Nothing more is written. */
  | readonly [kind: 'end', id: ConnectionId]
  | readonly [kind: 'destroy', id: ConnectionId]
  /** So many bytes of what arrived were read: there is room for as many again. */
  | readonly [kind: 'taken', id: ConnectionId, bytes: number]
  /** Listens no more, ends connections that are idle, and the others after their answers. */
  | readonly [kind: 'close'];

/** What the thread is started with. */
export interface ListenerOptions {
  addresses: readonly { host: string; port: number }[];
  /** The most connections of each address. */
  maxConnections: number;
  /** How long a connection may be idle between two requests. */
  keepAliveMs: number;
}

/**
 * Whether both sides of a connection remember a request's headers for those that follow it. Not those of a long head:
 * 3 000 idle connections that had sent 15 kB each held 110 MB for it.
 */
export function isRemembered(url: string, headers: readonly string[]): boolean {
  let length = url.length;
  for (const one of headers) length += one.length;
  return length <= mostRemembered;
}

const mostRemembered = 2_048;
