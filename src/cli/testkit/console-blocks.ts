/** A line that is typed, with what it prints, in a ```console block of a page. */
export interface Typed {
  line: string;
  /** What stands below it. */
  prints: string;
}

const block = /^```console\n(.*?)^```$/gms;

/** The lines that are typed on a page, in order. */
export function typedIn(page: string): Typed[] {
  return [...page.matchAll(block)].flatMap(([, text = '']) => split(text));
}

/** The page with others in the place of its typed lines, in order. */
export function withTyped(page: string, typed: readonly Typed[]): string {
  let next = 0;
  return page.replace(block, (_whole, text: string) => {
    const shown = split(text).map((before) => {
      const { line, prints } = typed[next++] ?? before;
      return prints === '' ? `$ ${line}\n` : `$ ${line}\n${prints}\n`;
    });
    return `\`\`\`console\n${shown.join('')}\`\`\``;
  });
}

function split(text: string): Typed[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((one) => {
      const [line = '', ...prints] = one.trimEnd().split('\n');
      return { line, prints: prints.join('\n') };
    });
}
