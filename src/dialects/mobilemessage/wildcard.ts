/**
 * Does a text fit a pattern in which `%` stands for any text? In time linear in the text for each
 * piece of the pattern, so that no pattern is expensive.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const pieces = pattern.split('%');
  const first = pieces[0] as string;
  const last = pieces.at(-1) as string;
  if (pieces.length === 1) return pattern === text;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = text.indexOf(piece, from);
    if (at < 0 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return text.endsWith(last);
}
