import { GatewayError } from '../../core/errors.ts';
import type { DialectContext } from '../dialect.ts';
import type { WholeUpload } from '../shared/upload.ts';
import type { Call } from './call.ts';
import { missing } from './schema.ts';

/** "Global other than campaign manager: maximum of 100 MB" (seed); of a campaign that comes in here, too. */
export const uploadLimit = 100 * 1024 * 1024;

/** A file that came, with what stands beside it. */
export interface Uploaded {
  fields: WholeUpload['fields'];
  /** Null when there is none. */
  file: WholeUpload['file'];
  /** Ends what is made of it. */
  signal: AbortSignal;
}

/**
 * Does something with the file of a call.
 * @throws GatewayError `invalid_request` when the body is none; `too_many_concurrent`; as `beginUpload`, `RowFiles.keep`, and
 * the work.
 */
export async function withUpload<T>(
  { caller, upload }: Call,
  { gateway }: DialectContext,
  work: (uploaded: Uploaded) => Promise<T>,
): Promise<T> {
  if (!upload) throw missing('file');
  const { signal } = upload;
  return gateway.imports.run(caller, signal, async () => {
    const begun = await upload.begin();
    const whole = await begun.whole((bytes) => gateway.rowFiles.keep(bytes), limited);
    const { fields, file } = whole;
    try {
      return await work({ fields, file, signal });
    } finally {
      await whole.drop();
    }
  });
}

async function* limited(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of file) {
    length += chunk.length;
    if (length > uploadLimit) {
      throw new GatewayError('body_too_large', 'The file must not be greater than 100 MB.', {
        field: 'file',
      });
    }
    yield chunk;
  }
}
