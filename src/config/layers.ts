import type { z } from 'zod';
import { isSection, isText, schemaAt } from './settings-tree.ts';
import type { Path } from './settings-tree.ts';

/** Settings from one place. A later layer is laid over those before it. */
export interface Layer {
  tree: unknown;
  /** Where a setting stands, for people: `parlance.yaml, line 7`. */
  describe(path: Path): string;
}

/**
 * Lays layers over each other: sections setting by setting, everything else as a whole. A section
 * without a value (`http:` with nothing but comments under it) changes nothing; a text without a value
 * is the empty one.
 */
export function overlay(schema: z.core.$ZodType, layers: readonly Layer[]): unknown {
  return layers.map(({ tree }) => tree).reduce((below, above) => lay(schema, below, above));
}

function lay(schema: z.core.$ZodType | undefined, below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (schema === undefined) return above;
  if (!isSection(schema)) return above === null && isText(schema) ? '' : above;
  if (above === null) return below;
  if (!isTree(above) || !isTree(below)) return above;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  // Not by assignment: a key may be called __proto__.
  return Object.fromEntries(
    [...keys].map((key) => {
      const under = Object.hasOwn(below, key) ? below[key] : undefined;
      const over = Object.hasOwn(above, key) ? above[key] : undefined;
      return [key, lay(schemaAt(schema, [key]), under, over)];
    }),
  );
}

/** Says which layer a value came from: the last that has the setting it belongs to. */
export function originOf(schema: z.core.$ZodType, layers: readonly Layer[], path: Path): string {
  const setting = settingAround(schema, path);
  const layer = layers.findLast(({ tree }) => valueAt(tree, setting) !== undefined) ?? layers[0];
  return layer?.describe(path) ?? 'nowhere';
}

/** What stands at a path, or undefined. */
export function valueAt(tree: unknown, path: Path): unknown {
  let here = tree;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<PropertyKey, unknown>)[key];
  }
  return here;
}

/** The beginning of a path that is replaced as a whole. */
function settingAround(schema: z.core.$ZodType, path: Path): Path {
  let length = 0;
  while (length < path.length) {
    const here = schemaAt(schema, path.slice(0, length));
    if (here === undefined || !isSection(here)) break;
    length++;
  }
  return path.slice(0, length);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
