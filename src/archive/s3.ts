import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AwsV4Signer } from 'aws4fetch';
import type { ArchiveStore } from '../core/ports/archive-store.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../net/http-client.ts';
import { readLines, writeLines } from './lines.ts';

/** A file has some megabytes; on a slow line that takes its time. */
const timeoutMs = 300_000;
/** No file is as long, however long its texts are: it ends when it has 64 million characters. */
const mostBytes = 256_000_000;
/** What a service says of an error is XML, whose code is shown. */
const errorCode = /<Code>(\w{1,60})<\/Code>/;

export interface BucketSettings {
  /** The bucket, by its own host or as the first part of the path, and what every name begins with. */
  url: string;
  region: string;
  keyId: string;
  secret: string;
}

/**
 * An archive in a bucket of S3, or of whatever speaks its protocol. An object is written by one request, which
 * the service carries out as a whole or not at all.
 */
export function s3Store(
  { url, region, keyId, secret }: BucketSettings,
  http: Pick<HttpClient, 'request'>,
): ArchiveStore {
  const base = url.replace(/\/+$/, '');

  /** Signed by version 4 of Amazon's signatures. @throws Error unless the service says that it is done. */
  const ask = async (
    method: HttpRequest['method'],
    name: string,
    body?: Buffer,
  ): Promise<HttpAnswer & { kind: 'answered' }> => {
    const signed = await new AwsV4Signer({
      method,
      url: `${base}/${name}`,
      // The service checks the body against it: what was cut off on its way is no object.
      headers: { 'x-amz-content-sha256': sha256(body ?? '') },
      accessKeyId: keyId,
      secretAccessKey: secret,
      service: 's3',
      region,
    }).sign();
    const answer = await http.request({
      method,
      url: signed.url.href,
      headers: Object.fromEntries(signed.headers),
      ...(body && { body }),
      timeoutMs,
      maxResponseBytes: mostBytes,
      binary: true,
    });
    if (answer.kind === 'failed') {
      throw new Error(`${method} ${name} of the archive's bucket: ${answer.detail}`);
    }
    const { status, bytes, truncated } = answer;
    if (status >= 200 && status < 300 && !truncated) return answer;
    const code = errorCode.exec(bytes?.toString('utf8', 0, 2_000) ?? '')?.[1];
    throw new Error(
      `${method} ${name} of the archive's bucket was answered ${[status, code].join(' ').trim()}`,
    );
  };

  return {
    place: 's3',
    async write(name, lines) {
      const stream = new PassThrough();
      const [body] = await Promise.all([buffer(stream), writeLines(lines, stream)]);
      await ask('PUT', name, body);
      return body.length;
    },
    async *read(name) {
      const { bytes } = await ask('GET', name);
      yield* readLines(Readable.from([bytes ?? Buffer.alloc(0)]));
    },
    async remove(name) {
      // An object that is not there is answered like one that was.
      await ask('DELETE', name);
    },
  };
}

function sha256(body: Buffer | string): string {
  return createHash('sha256').update(body).digest('hex');
}
