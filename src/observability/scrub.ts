import { maskNumber } from './mask-number.ts';

/**
 * Takes out of a finished log line what can be recognised as private wherever it stands, in messages
 * and stacks, too: user and password of URLs, query strings (some providers' clients send keys and
 * texts there), what follows `Basic` and `Bearer`, and phone numbers in international form. Takes and
 * gives JSON, since nothing it takes out has a quote or a backslash in it.
 * @param options.text leaves phone numbers as they are.
 */
export function scrub(line: string, options: { text: boolean }): string {
  const clean = line
    .replace(/:\/\/[^\s/?#@"\\]+@/g, '://[redacted]@')
    .replace(/\?[\w.%~[\]-]+=[^\s"\\]*/g, '?[redacted]')
    .replace(/\b(Basic|Bearer) (?=[^\s"\\]*[0-9=])[\w+/=.~-]{8,}/gi, '$1 [redacted]');
  if (options.text) return clean;
  return clean.replace(/\+[1-9][0-9]{6,14}(?![0-9])/g, (number) => maskNumber(number));
}
