import { GatewayError } from '../../core/errors.ts';
import { decodeText } from './charset.ts';

/**
 * The text fields of a `multipart/form-data` body (RFC 7578), which PHP's curl sends for an array. The boundary is that
 * of its first line; files are passed over. Undefined when it is no such body.
 * @throws GatewayError `invalid_request` for one that does not end.
 */
export function readMultipart(
  body: Buffer,
  charset: string | null,
): [string, string][] | undefined {
  const decoded = (latin1: string): string => decodeText(Buffer.from(latin1, 'latin1'), charset);
  // One byte, one character: lengths and places stay true.
  const text = body.toString('latin1');
  const boundary = /^--[^\r\n]{1,200}(?=\r\n)/.exec(text)?.[0];
  if (boundary === undefined || !text.includes(`\r\n${boundary}`)) return undefined;
  // A line that only begins like one is text.
  const line = new RegExp(`\r\n${RegExp.escape(boundary)}(?=--|[ \\t]*\r\n)`);
  const parts = `\r\n${text}`.split(line);
  if (!parts.at(-1)?.startsWith('--')) {
    throw new GatewayError('invalid_request', 'The form does not end.');
  }
  return parts.slice(1, -1).flatMap((part): [string, string][] => {
    const end = part.indexOf('\r\n\r\n');
    if (end < 0) return [];
    const header = part.slice(0, end);
    const name = /^content-disposition:\s*form-data\s*;(?:.*;)?\s*name="([^"]*)"/im.exec(
      header,
    )?.[1];
    if (name === undefined || /;\s*filename\*?=/i.test(header)) return [];
    return [[decoded(name), decoded(part.slice(end + 4))]];
  });
}
