/**
 * Places that are taken and given back: what is under way for a key, on all nodes together. Nothing of it
 * outlives its node.
 */
export interface Places {
  /**
   * Takes one of the `limit` places of a key; the key has the same limit everywhere.
   * @returns what gives it back, once; undefined when all are taken. Never rejects: where the other
   * nodes cannot be asked, this one counts by itself.
   */
  enter(key: string, limit: number): Promise<(() => void) | undefined>;
}
