/**
 * Texts with places for data: `{{name}}`, as most platforms write them, and `{#var#}`, as the Indian registers of
 * templates (DLT) do.
 */

/** A name is of letters, digits, underscores, dots and dashes: nothing that could be code. */
const places = /\{\{\s*([A-Za-z0-9_.-]{1,64})\s*\}\}|\{#\s*([A-Za-z0-9_.-]{1,64})\s*#\}/g;

/** A body as what stands between its places, and their names: one piece more than names. */
interface Split {
  pieces: string[];
  names: string[];
}

function split(body: string): Split {
  const pieces: string[] = [];
  const names: string[] = [];
  let end = 0;
  for (const found of body.matchAll(places)) {
    pieces.push(body.slice(end, found.index));
    names.push((found[1] ?? found[2]) as string);
    end = found.index + found[0].length;
  }
  pieces.push(body.slice(end));
  return { pieces, names };
}

/** The names of a body's places, each once, in the order in which they come. */
export function placesOf(body: string): string[] {
  return [...new Set(split(body).names)];
}

/**
 * Puts data into a body's places. What the data itself has of places stays as it is.
 * @returns the text, or the names for which there is no data.
 */
export function fillIn(
  body: string,
  data: Readonly<Record<string, string>>,
): { text: string } | { missing: string[] } {
  const { pieces, names } = split(body);
  const missing = names.filter((name) => !Object.hasOwn(data, name));
  if (missing.length > 0) return { missing: [...new Set(missing)] };
  return { text: pieces.map((piece, at) => piece + (data[names[at] ?? ''] ?? '')).join('') };
}

/**
 * Whether a text can have come of a body: what stands between its places is the same, and anything may stand in
 * them. Takes time in proportion to the text, whatever the body.
 * @returns what stands in the places, in their order, each as short as the next piece allows; null when it does not fit.
 */
export function valuesIn(body: string, text: string): string[] | null {
  const { pieces, names } = split(body);
  const first = pieces[0] as string;
  if (names.length === 0) return text === first ? [] : null;
  const last = pieces.at(-1) as string;
  const until = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || until < first.length) return null;
  const values: string[] = [];
  let at = first.length;
  // The leftmost place for each piece leaves the most for those that follow: when it fails, all others do.
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > until) return null;
    values.push(text.slice(at, found));
    at = found + piece.length;
  }
  values.push(text.slice(at, until));
  return values;
}
