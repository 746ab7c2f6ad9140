/**
 * Where files of the archive lie. A file is one text of lines, compressed with gzip by whoever keeps it, so that
 * it can be read without this program.
 */
export interface ArchiveStore {
  /** Its kind, as it is written down with each file: `disk`, `s3`. */
  readonly place: string;
  /**
   * Writes a file in one piece: when this returns it is on disk under its name, and when it throws, or the process
   * dies, there is nothing new under that name.
   * @returns how many bytes it takes.
   * @throws Error with a sentence for people.
   */
  write(name: string, lines: AsyncIterable<string>): Promise<number>;
  /** Its lines, one after the other. @throws Error with a sentence for people, also when there is none. */
  read(name: string): AsyncIterable<string>;
  /** Takes a file away, with what may have been left of writing it; it need not be there. */
  remove(name: string): Promise<void>;
}
