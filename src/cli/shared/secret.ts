import { createInput } from '../input.ts';
import { CliError } from './failure.ts';
import type { Run } from './kit.ts';

/** No password, key or signing secret is longer. */
const longest = 1024;

/**
 * Reads a secret from standard input: one line.
 * @throws CliError when there is none, or it is none that could be sent.
 */
export async function readSecret({ context, print }: Run): Promise<string> {
  const input = context.input ?? createInput();
  if (input.isTerminal) print.remark('Type the secret and press Enter; it is shown as you type.');
  const secret = await input.readLine();
  if (secret === '') {
    throw new CliError(
      'There was no secret on standard input: pipe it in, as in `--secret-stdin < file`.',
    );
  }
  // oxlint-disable-next-line no-control-regex
  if (secret.length > longest || /[\u0000-\u001f\u007f]/.test(secret)) {
    throw new CliError(
      `The secret must be one line of at most ${longest} characters without control characters.`,
    );
  }
  return secret;
}
