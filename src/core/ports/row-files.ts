/** A row of a table that came as a file. */
export type FileRow =
  | { line: number; cells: readonly string[] }
  /** What stands on this line is no row; the sentence says why. */
  | { line: number; problem: string };

/** A file that is kept for a while. */
export interface KeptFile {
  /** What is in it, from its beginning. */
  bytes(): AsyncIterable<Uint8Array>;
  /** It is gone then. So it is when the process ends. */
  drop(): Promise<void>;
}

/** Reads tables that come as files, CSV or XLSX, which it tells by their first bytes. */
export interface RowFiles {
  /**
   * The rows of a file in order, some at a time, so that neither the file nor what it holds is in memory as a whole.
   * Rows in which nothing stands are left out. Lines grow from row to row, from 1.
   * @throws GatewayError `body_too_large` for a file of more bytes; `invalid_request` when it is no table at all;
   * and what the signal says when it ends the reading.
   */
  read(
    bytes: AsyncIterable<Uint8Array>,
    limits: { bytes: number; signal?: AbortSignal | undefined },
  ): AsyncIterable<readonly FileRow[]>;
  /**
   * Keeps bytes on disk, for who must know first what comes after them.
   * @throws GatewayError `storage_unavailable` when the disk fails; what the bytes throw.
   */
  keep(bytes: AsyncIterable<Uint8Array>): Promise<KeptFile>;
}
