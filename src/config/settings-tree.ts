import type { z } from 'zod';

type AnySchema = z.core.$ZodType;

/** Where a setting stands: `['http', 'port']`; in lists and maps also indexes and names. */
export type Path = readonly PropertyKey[];

/** How a setting is written where there is only text: in the environment and on the command line. */
type Notation = 'text' | 'number' | 'boolean' | 'list' | 'json';

export interface Setting {
  path: Path;
  notation: Notation;
  /** An empty text means null. */
  nullable: boolean;
}

/**
 * Lists the settings of a schema: its leaves, where a leaf is what only counts as a whole (a list, or
 * a map whose names the owner chooses).
 */
export function settingsOf(schema: AnySchema, path: Path = []): Setting[] {
  const { inner, nullable } = unwrap(schema);
  const shape = shapeOf(inner);
  if (shape === undefined) return [{ path, notation: notationOf(inner), nullable }];
  return Object.entries(shape).flatMap(([key, child]) => settingsOf(child, [...path, key]));
}

/** The schema at a path, or undefined where the path leads out of it. */
export function schemaAt(schema: AnySchema, path: Path): AnySchema | undefined {
  let here: AnySchema | undefined = schema;
  for (const key of path) here = here && below(here, key);
  return here;
}

function below(schema: AnySchema, key: PropertyKey): AnySchema | undefined {
  const { def } = unwrap(schema).inner._zod as { def: Definition };
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape ?? {}, key) ? def.shape?.[key] : undefined;
    case 'array':
      return def.element;
    case 'record':
      return def.valueType;
    case 'union':
      return def.options?.map((option) => below(option, key)).find((found) => found !== undefined);
    default:
      return undefined;
  }
}

/** The settings or sections that may stand here; undefined where this is no section. */
export function keysAt(schema: AnySchema, path: Path): string[] | undefined {
  const here = schemaAt(schema, path);
  const { def } = here ? (unwrap(here).inner._zod as { def: Definition }) : {};
  const shape = (def?.options ?? (here ? [here] : []))
    .map((one) => shapeOf(unwrap(one).inner))
    .find((found) => found !== undefined);
  return shape && Object.keys(shape);
}

/** Is this a section, whose settings are laid over each other one by one? */
export function isSection(schema: AnySchema): boolean {
  return shapeOf(unwrap(schema).inner) !== undefined;
}

/** Is this a setting that is a text, and never null? */
export function isText(schema: AnySchema): boolean {
  const { inner, nullable } = unwrap(schema);
  return !nullable && (inner._zod.def as Definition).type === 'string';
}

/** `http.port`, `routes[0].links`; a name with other characters in quotes: `links."a b"`. */
export function keyOf(path: Path): string {
  let key = '';
  for (const step of path) {
    if (typeof step === 'number') key += `[${step}]`;
    else if (/^[\w-]+$/.test(String(step))) key += key === '' ? String(step) : `.${String(step)}`;
    else key += `${key === '' ? '' : '.'}${JSON.stringify(String(step))}`;
  }
  return key;
}

/** What is used of zod's definitions, which have a type of their own for each kind of schema. */
interface Definition {
  type: string;
  innerType?: AnySchema;
  in?: AnySchema;
  shape?: Record<PropertyKey, AnySchema>;
  element?: AnySchema;
  valueType?: AnySchema;
  options?: readonly AnySchema[];
}

/** Takes off what only changes a value's default or its result. */
function unwrap(schema: AnySchema): { inner: AnySchema; nullable: boolean } {
  let inner = schema;
  let nullable = false;
  for (;;) {
    const def = inner._zod.def as Definition;
    nullable ||= def.type === 'nullable';
    const next = def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
    if (next === undefined) return { inner, nullable };
    inner = next;
  }
}

function shapeOf(schema: AnySchema): Record<string, AnySchema> | undefined {
  const def = schema._zod.def as Definition;
  return def.type === 'object' ? def.shape : undefined;
}

function notationOf(schema: AnySchema): Notation {
  const def = schema._zod.def as Definition;
  switch (def.type) {
    case 'number':
    case 'boolean':
      return def.type;
    case 'array':
      return def.element && isSection(def.element) ? 'json' : 'list';
    case 'record':
      return 'json';
    default:
      return 'text';
  }
}
