import type { DialectContext } from '../dialect.ts';
import type { Upload } from '../shared/upload.ts';
import { readUpload } from '../shared/upload.ts';
import type { Call } from './call.ts';
import { missing } from './schema.ts';

/** "Global other than campaign manager: maximum of 100 MB" (seed). */
export const uploadLimit = 100 * 1024 * 1024;

/** A file that came, with what stands beside it. */
export interface Uploaded {
  fields: Upload['fields'];
  /** Null when there is none. */
  file: Upload['file'];
  /** Ends what is made of it. */
  signal: AbortSignal;
}

/**
 * Does something with the file of a call.
 * @throws GatewayError `invalid_request` when the body is none; `too_many_concurrent`; as `readUpload`, and the work.
 */
export async function withUpload<T>(
  { caller, upload }: Call,
  { gateway }: DialectContext,
  work: (uploaded: Uploaded) => Promise<T>,
): Promise<T> {
  if (!upload) throw missing('file');
  return gateway.imports.run(caller, upload.gone, async (signal) => {
    const { fields, file } = await readUpload(upload.arrive(signal), upload.contentType);
    return work({ fields, file, signal });
  });
}
