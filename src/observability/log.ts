import { pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { redact } from './redact.ts';
import { scrub } from './scrub.ts';

interface LogOptions {
  /** trace, debug, info, warn, error, fatal or silent. */
  level: string;
  /** Shows message texts and full phone numbers. Default false. */
  text?: boolean;
  /** Standard output by default. */
  destination?: DestinationStream;
}

/**
 * Makes the log: one JSON object a line. What is private is taken out of everything that passes
 * through, of children's bindings and of the arguments of `%o` as well; pino's own `redact` knows only
 * paths of a fixed depth.
 */
export function createLog(options: LogOptions): Logger {
  const { level, text = false, destination } = options;
  const clean = (value: unknown) => redact(value, { text });
  const settings = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Everything arrives here as `redact` made it; other serializers (the HTTP server adds its own
    // where there are none) would not know what to make of that.
    serializers: { req: asItIs, res: asItIs, err: asItIs },
    hooks: {
      logMethod(this: Logger, args: unknown[], method: (...args: unknown[]) => void) {
        const [first, ...rest] = args;
        const cleaned = rest.map(clean);
        method.apply(this, [
          first instanceof Error ? { err: clean(first) } : clean(first),
          ...cleaned,
        ]);
      },
      streamWrite: (line: string) => scrub(line, { text }),
    },
  };
  const log = destination ? pino(settings as never, destination) : pino(settings as never);

  // Children inherit these from the object they are made from.
  const { child, setBindings } = log as unknown as Loose;
  return Object.assign(log, {
    child(this: Logger, bindings: object, ...more: unknown[]) {
      return child.call(this, clean(bindings), ...more);
    },
    setBindings(this: Logger, bindings: object) {
      setBindings.call(this, clean(bindings));
    },
  });
}

/** Of pino's methods, what their generic types are in the way of. */
interface Loose {
  child: (...args: unknown[]) => Logger;
  setBindings: (bindings: unknown) => void;
}

function asItIs(value: unknown): unknown {
  return value;
}
