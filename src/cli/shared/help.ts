import type { Command } from 'commander';

/** Adds examples below the help of a command: what to type, and what that does. */
export function examples(
  command: Command,
  lines: readonly (readonly [typed: string, does: string])[],
): Command {
  const shown = lines.map(([typed, does]) => `  # ${does}\n  ${typed}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${shown}`);
}
