import type { Output } from './context.ts';
import { shortened } from './shared/printable.ts';

interface Stream extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
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
  const redraw = streams.stderr.isTTY === true ? lineOf(streams.stderr) : undefined;
  return { line, note, redraw, isTerminal: streams.stdout.isTTY === true };
}

/** Back to the beginning of the line and clear it; a line that wrapped could not be taken back. */
function lineOf(terminal: Stream): (text: string) => void {
  return (text) => {
    const room = (terminal.columns ?? 80) - 1;
    terminal.write(`\r\u001b[2K${shortened(text, room)}`);
  };
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
