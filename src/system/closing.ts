/** How long one part may take to close; all of them together have what a stop has. */
const patienceMs = 12_000;

interface Step {
  name: string;
  close: () => Promise<void>;
}

interface ClosingLog {
  warn(more: Record<string, unknown>, what: string): void;
}

/**
 * What must be closed, in the order in which it was made: the last first. One that fails or hangs, since
 * its database does not answer, holds up the others for a while and no longer.
 */
export class Closing {
  readonly #log: ClosingLog;
  readonly #steps: Step[] = [];
  #begun = false;

  constructor(log: ClosingLog) {
    this.#log = log;
  }

  /** Is something being closed already? */
  get begun(): boolean {
    return this.#begun;
  }

  add(name: string, close: () => Promise<void>): void {
    this.#steps.push({ name, close });
  }

  /** Never rejects. Where something hung, what it holds may keep the process alive: it is ended then. */
  async closeAll(): Promise<void> {
    this.#begun = true;
    let hung = false;
    for (const { name, close } of this.#steps.splice(0).toReversed()) {
      try {
        if (!(await inTime(close()))) {
          hung = true;
          this.#log.warn(
            { part: name },
            'a part did not stop in time; leases bring back what it held',
          );
        }
      } catch (error) {
        // What could not be given back comes back when its claim runs out.
        this.#log.warn({ err: error, part: name }, 'a part did not stop well');
      }
    }
    if (hung) setTimeout(() => process.exit(1), 100).unref();
  }
}

async function inTime(closing: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  try {
    return await Promise.race([closing.then(() => true as const), over]);
  } finally {
    clearTimeout(timer);
  }
}
