/**
 * The configuration cannot be used. Its message is for the owner: one sentence a line, each naming the
 * key, what it should be, and where it came from. It never holds a secret.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
