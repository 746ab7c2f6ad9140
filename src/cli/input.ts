import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Input } from './context.ts';

/**
 * Standard input, for secrets: an argument can be seen by everybody on the machine (`ps`), a pipe
 * cannot.
 * @param stream given by tests only.
 */
export function createInput(stream: Readable & { isTTY?: boolean } = process.stdin): Input {
  return {
    isTerminal: stream.isTTY === true,
    readLine: async () => {
      const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
      try {
        for await (const line of lines) return line;
        return '';
      } finally {
        lines.close();
        // Or an open pipe on standard input would keep the process alive.
        stream.destroy();
      }
    },
  };
}
