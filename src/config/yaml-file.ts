import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { ErrorCode } from 'yaml';
import { ConfigError } from './config-error.ts';
import type { Layer } from './layers.ts';
import type { Path } from './settings-tree.ts';

/**
 * In words of our own, since those of the library quote the line, which may hold a secret.
 */
const complaints: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'a text that begins with * must stand in quotes',
  BAD_INDENT: 'the line is not indented as those around it',
  BAD_SCALAR_START: 'a text that begins with this character must stand in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value with a colon and a space in it must stand in quotes',
  DUPLICATE_KEY: 'this key stands here for the second time',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing here or before',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing here or before',
  MULTIPLE_DOCS: 'there may be no second document (---) in it',
  TAB_AS_INDENT: 'lines must be indented by spaces, not by tabs',
  TAG_RESOLVE_FAILED: 'a text that begins with ! must stand in quotes',
};

/**
 * Reads a file of settings.
 * @param shownAs the file's name in messages.
 * @param namedBy how the owner named it; undefined when it is read only because it is there.
 * @throws ConfigError when it cannot be read or is no YAML.
 */
export function readYamlFile(file: string, shownAs: string, namedBy?: string): Layer {
  const lines = new LineCounter();
  const document = parseDocument(read(file, shownAs, namedBy), {
    lineCounter: lines,
    prettyErrors: false,
  });
  const lineAt = (offset: number) => `${shownAs}, line ${lines.linePos(offset).line}`;

  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    throw new ConfigError(
      broken.slice(0, 3).map(({ code, pos }) => {
        const complaint = complaints[code] ?? 'this is not YAML';
        return `${lineAt(pos[0])}: ${complaint}`;
      }),
    );
  }

  let tree: unknown;
  try {
    tree = document.toJS();
  } catch (error) {
    // The other reason is an alias that stands for more than a hundred times its own size.
    const unresolved = String(error).includes('Unresolved alias');
    throw new ConfigError([
      unresolved ? `${shownAs}: ${complaints.BAD_ALIAS}` : `${shownAs} has too many aliases`,
    ]);
  }
  if (tree !== null && (typeof tree !== 'object' || Array.isArray(tree))) {
    throw new ConfigError([`${shownAs} must consist of lines such as data: ./data, but does not`]);
  }

  return {
    tree: tree ?? {},
    describe(path) {
      const offset = offsetOf(document, path);
      return offset === undefined ? shownAs : lineAt(offset);
    },
  };
}

function read(file: string, shownAs: string, namedBy: string | undefined): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reasons: Record<string, string> = {
      ENOENT: 'does not exist',
      EACCES: 'cannot be read: permission denied',
      EISDIR: 'is a folder, not a file',
    };
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const reason = reasons[code] ?? `cannot be read: ${code}`;
    const by = namedBy === undefined ? '' : ` (named by ${namedBy})`;
    throw new ConfigError([`The configuration file ${shownAs}${by} ${reason}`]);
  }
}

/** Where the value at a path begins, or the nearest thing around it that there is. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
}
