/** One request that leaves the gateway. */
export type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, http: or https:, without user name or password. */
  url: string;
  /** Without those the client sets itself: Host, Content-Length, Connection and their like. */
  headers: Record<string, string>;
  body?: string | Uint8Array;
  /** For the whole of it: waiting for a connection, DNS, connect, TLS, headers and body. */
  timeoutMs: number;
  /** What the body is cut off at. Default 20 000. */
  maxResponseBytes?: number;
  /** The body of the answer is wanted as it is, in `bytes`, and not as text. */
  binary?: true;
};

/**
 * Why there is no answer:
 * `bad_url`, `bad_request` (a header) – as it stands it can never be sent;
 * `address_refused` – the guard; `dns`, `connect`, `tls` – no connection came about;
 * `timeout`; `reset` – the connection broke; `protocol` – what came back is not HTTP;
 * `busy` – a limit of this client is reached; `closed` – this client is closed.
 */
export type FailureReason =
  | 'bad_url'
  | 'bad_request'
  | 'address_refused'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'protocol'
  | 'busy'
  | 'closed';

export type HttpAnswer =
  | {
      kind: 'answered';
      status: number;
      /** Names in lower case; a header that came more than once is joined by `, `. */
      headers: Record<string, string>;
      /** Read as UTF-8; empty where `binary` was asked for. */
      body: string;
      /** Where `binary` was asked for. */
      bytes?: Buffer;
      /** Set when the body was longer than `maxResponseBytes`. */
      truncated?: true;
      durationMs: number;
    }
  | {
      kind: 'failed';
      reason: FailureReason;
      /** For people. Names the host at most: no path, header value or body, so it can be shown. */
      detail: string;
      /** False when no byte of the request left: doing it again cannot do it twice. */
      sent: boolean;
      durationMs: number;
    };
