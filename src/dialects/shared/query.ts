/** A query string as Fastify parses it: a name that comes twice has an array. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** The value of a parameter; of one that was sent several times the last, as PHP has it. */
export function parameter(query: Query, name: string): string | undefined {
  const value = query[name];
  return Array.isArray(value) ? value.at(-1) : value;
}
