/**
 * Where the gateway can be reached when the owner has not said so: on the address it listens on. For
 * one that stands for all addresses, `localhost`.
 * @param port the one that is listened on, which with `http.port: 0` is known only then.
 */
export function publicUrlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
