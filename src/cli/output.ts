import type { Output } from './context.ts';

interface Stream extends NodeJS.WritableStream {
  isTTY?: boolean;
}

/**
 * Where commands write: results to standard output, remarks to standard error.
 *
 * A reader that goes away early (`parlance message list shop | head`) is no fault: what comes after
 * is dropped and the command ends as it would have ended.
 * @param streams given by tests only.
 */
export function createOutput(streams: { stdout: Stream; stderr: Stream } = process): Output {
  const line = writerTo(streams.stdout);
  const note = writerTo(streams.stderr);
  return { line, note, isTerminal: streams.stdout.isTTY === true };
}

function writerTo(stream: Stream): (text: string) => void {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    gone = true;
  });
  return (text) => {
    if (!gone) stream.write(`${text}\n`);
  };
}
