/** How long a stop may take before it is enforced. */
const stopPatienceMs = 30_000;

interface StopLog {
  info(more: Record<string, unknown>, what: string): void;
  error(what: string): void;
}

/** A signal sent to a whole process group arrives twice: only one that comes later is a second one. */
const sameSignalMs = 1_000;

/** Resolves at the first SIGTERM or SIGINT; a second one, or a stop that hangs, ends the process. */
export function signalled(log: StopLog): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (firstAt !== undefined) {
        if (performance.now() - firstAt > sameSignalMs) process.exit(130);
        return;
      }
      firstAt = performance.now();
      log.info({ signal }, 'stopping: finishing what is in flight; a second signal forces');
      setTimeout(() => {
        log.error('the stop took too long and is enforced; leases bring back what was claimed');
        process.exit(1);
      }, stopPatienceMs).unref();
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
