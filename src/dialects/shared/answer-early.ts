import type { FastifyReply, FastifyRequest } from 'fastify';

/** A rest of this size is read and thrown away by Node, and the connection stays open. */
const worthReading = 64 * 1024;
/** How long, and how much, a client is listened to that goes on sending after its answer. */
const lingerMs = 2_000;
const lingerBytes = 64 * 1024 * 1024;

/**
 * Sends an answer although the request's body may not have been read. Closing at once would make many
 * clients see a broken connection instead of the answer, since they are still writing: so the answer
 * goes out whole, with `connection: close`, and what still comes is thrown away for a moment before
 * the connection ends. Nothing of it is kept in memory.
 */
export function answerEarly(request: FastifyRequest, reply: FastifyReply, body: string): void {
  const { raw } = request;
  const declared = raw.headers['content-length'];
  const unread =
    !raw.readableEnded &&
    (raw.headers['transfer-encoding'] !== undefined || Number(declared ?? 0) > worthReading);
  if (!unread) {
    // As bytes: to a text Fastify adds a charset that not every dialect has.
    void reply.send(Buffer.from(body));
    return;
  }
  reply.header('connection', 'close').header('content-length', Buffer.byteLength(body));
  reply.hijack();
  const response = reply.raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(reply.statusCode);
  // With all of its declared length written the answer is complete for the client; the response
  // itself ends later, since its end closes the connection.
  if (request.method === 'HEAD' || body === '') response.flushHeaders();
  else response.write(body);

  let received = 0;
  const end = (): void => {
    clearTimeout(timer);
    raw.off('data', onData);
    raw.off('end', end);
    raw.off('close', end);
    response.end();
  };
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > lingerBytes) end();
  };
  // Real time on purpose: it is the patience of a socket, and no fact of the gateway hangs on it.
  const timer = setTimeout(end, lingerMs);
  timer.unref();
  raw.on('data', onData);
  raw.once('end', end);
  raw.once('close', end);
  raw.on('error', () => {});
  raw.resume();
}
