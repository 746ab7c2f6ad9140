import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { BucketSettings } from '../s3.ts';

/** A service that keeps objects of one bucket in memory, for whoever signs as Amazon's documentation says. */
export interface TestBucket {
  settings: BucketSettings;
  objects: Map<string, Buffer>;
  /** Answers the next request with this instead. */
  failNext(status: number, code: string): void;
  close(): Promise<void>;
}

export async function startBucket(): Promise<TestBucket> {
  const objects = new Map<string, Buffer>();
  const keys = { keyId: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const failures: { status: number; code: string }[] = [];
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => response.writeHead(status).end(body));
  });
  const answer = async (request: IncomingMessage): Promise<{ status: number; body?: Buffer }> => {
    const body = await buffer(request);
    const failure = failures.shift();
    if (failure) return refusal(failure.status, failure.code);
    const complaint = judge(request, body, keys);
    if (complaint !== undefined) return refusal(403, complaint);
    const name = request.url ?? '';
    const known = objects.get(name);
    switch (request.method) {
      case 'PUT':
        objects.set(name, body);
        return { status: 200 };
      case 'GET':
        return known ? { status: 200, body: known } : refusal(404, 'NoSuchKey');
      case 'DELETE':
        objects.delete(name);
        return { status: 204 };
      default:
        return refusal(405, 'MethodNotAllowed');
    }
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    settings: { url: `http://127.0.0.1:${port}/bucket/sms`, region: 'eu-central-1', ...keys },
    objects,
    failNext: (status, code) => failures.push({ status, code }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function refusal(status: number, code: string) {
  return { status, body: Buffer.from(`<Error><Code>${code}</Code></Error>`) };
}

/**
 * What is wrong with a signature, by "Signature Calculations for the Authorization Header" of Amazon's API
 * reference; undefined when nothing is.
 */
function judge(
  { method, url = '', headers }: IncomingMessage,
  body: Buffer,
  { keyId, secret }: { keyId: string; secret: string },
): string | undefined {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, id, date = '', region = '', names = '', signature] =
    form.exec(headers.authorization ?? '') ?? [];
  if (id !== keyId) return 'InvalidAccessKeyId';
  const digest = createHash('sha256').update(body).digest('hex');
  if (headers['x-amz-content-sha256'] !== digest) return 'XAmzContentSHA256Mismatch';
  const at = String(headers['x-amz-date']);
  const canonical = [
    method,
    url,
    '',
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    digest,
  ].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const text = [
    'AWS4-HMAC-SHA256',
    at,
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ];
  let key: Buffer | string = `AWS4${secret}`;
  for (const step of [date, region, 's3', 'aws4_request', text.join('\n')]) {
    key = createHmac('sha256', key).update(step).digest();
  }
  return (key as Buffer).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch';
}
