import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..');
const page = await readFile(path.join(root, 'ARCHITECTURE.md'), 'utf8');

/** The folders below `src/` that the page draws, by their indentation. */
function drawnFolders(): string[] {
  const [, tree = ''] = page.split('```');
  const folders: string[] = [];
  const above: string[] = [];
  for (const line of tree.split('\n')) {
    const found = /^( *)([\w-]+)\//.exec(line);
    if (!found) continue;
    const depth = (found[1] as string).length / 2;
    above.length = depth;
    above.push(found[2] as string);
    if (above[0] === 'src' && depth > 0) folders.push(above.join('/'));
  }
  return folders;
}

describe('ARCHITECTURE.md', () => {
  it('draws every folder that has code, and none that has not', () => {
    const real = new Set(
      globSync('src/**/*.ts', { cwd: root }).map((file) =>
        path.dirname(file).replaceAll('\\', '/'),
      ),
    );
    real.delete('src');
    const drawn = drawnFolders();
    expect(
      drawn.filter((folder) => ![...real].some((one) => `${one}/`.startsWith(`${folder}/`))),
    ).toEqual([]);
    const undrawn = [...real].filter((folder) => !drawn.includes(folder));
    // A folder's testkit needs no line of its own.
    expect(undrawn.filter((folder) => !folder.endsWith('/testkit'))).toEqual([]);
  });

  it('names only files that exist', () => {
    const named = [
      ...page.matchAll(/`?((?:core|messages|delivery|workers|storage)\/[\w/-]+\.ts)`?/g),
    ];
    const files = globSync('src/**/*.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
    expect(named.length).toBeGreaterThan(8);
    for (const [, name] of named) {
      expect(
        files.some((file) => file.endsWith(`/${name}`)),
        name,
      ).toBe(true);
    }
  });
});
