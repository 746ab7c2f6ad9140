/**
 * Texts that strangers wrote (messages, replies, names) must not steer the owner's terminal: control
 * characters and marks that turn the direction of writing are shown, not sent.
 */
// oxlint-disable-next-line no-control-regex
const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const known: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Takes any text; gives it on one line, with what would steer a terminal written out. */
export function printable(text: string): string {
  return text.replace(
    steering,
    (mark) => known[mark] ?? `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
const without = /\p{M}|\u200b|\u200c|\u200d/u;

function widthOf(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  return without.test(character) ? 0 : wide.test(character) ? 2 : 1;
}

/** How many columns of a terminal a text takes, nearly: emoji and East Asian characters take two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** Takes a text; gives as much of its beginning as fits, with `…` where something is left out. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
