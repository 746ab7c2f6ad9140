import type { CliContext } from '../context.ts';

/**
 * Names for examples in help texts and complaints: those of the first dialect there is, since no file
 * outside of a dialect's own folder knows its name.
 */
export function samples({ dialects: [first] }: Pick<CliContext, 'dialects'>) {
  const settings: unknown = first?.accountSettings.safeParse({}).data ?? {};
  return {
    dialect: first?.name ?? 'dialect',
    topic: first?.topics[0]?.name ?? 'topic',
    /** `dialect.key` */
    setting: `${first?.name ?? 'dialect'}.${Object.keys(settings as object)[0] ?? 'key'}`,
  };
}
