import type { Logger } from 'pino';
import { pino } from 'pino';

/** A log that a test reads. Nothing is taken out of it: what must not be in a log must not come here. */
export interface MemoryLog {
  readonly logger: Logger;
  /** One JSON object each. */
  readonly lines: string[];
}

/** Keeps every line from `trace` on. */
export function memoryLog(): MemoryLog {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { logger, lines };
}
