import type { Command } from 'commander';
import { Option } from 'commander';
import type { ArchivedKind, ArchiveSearch } from '../../core/archive/archive-file.ts';
import { archivedKinds, DAY_MS } from '../../core/archive/archive-file.ts';
import type { MessageId } from '../../core/ids.ts';
import type { Session } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { numberOf } from '../shared/numbers.ts';
import { parseDay, parseId } from '../shared/parse.ts';

/** Which part of the archive is meant. */
export interface WhichOptions {
  account?: string;
  kind?: ArchivedKind;
  day?: number;
  from?: number;
  until?: number;
}

export function which(command: Command): Command {
  return command
    .option('--account <name>', 'only of this account')
    .addOption(new Option('--kind <kind>', 'only these').choices(archivedKinds))
    .option('--day <day>', 'only of this day, UTC: when they were accepted or received', parseDay)
    .option('--from <day>', 'only of this day or later', parseDay)
    .option('--until <day>', 'only of this day or earlier', parseDay);
}

/** @throws CliError when there is no such account. */
export async function searchOf(
  session: Session,
  { account, kind, day, from, until }: WhichOptions,
): Promise<ArchiveSearch> {
  const last = day ?? until;
  return {
    kind,
    accountId: account === undefined ? undefined : (await findAccount(session, account)).id,
    fromDay: daysOf(day ?? from),
    beforeDay: last === undefined ? undefined : last / DAY_MS + 1,
  };
}

/** Which messages and replies are meant. */
export interface WhichRowOptions extends WhichOptions {
  number?: string;
  id?: MessageId;
}

export function whichRow(command: Command): Command {
  return which(command)
    .option('--number <number>', 'only to or from this handset')
    .option('--id <id>', 'the message or reply of this id', parseId<MessageId>);
}

/** @throws CliError when there is no such account, or the number is none. */
export async function rowSearchOf(
  session: Session,
  options: WhichRowOptions,
): Promise<ArchiveSearch> {
  const { number, id, account } = options;
  const search = { ...(await searchOf(session, options)), id };
  if (number === undefined) return search;
  // As whose local form a number without country code is read.
  const { homeCountry } =
    account === undefined ? session.config.accounts : await findAccount(session, account);
  return { ...search, number: numberOf(number, homeCountry) };
}

const daysOf = (instant: number | undefined) =>
  instant === undefined ? undefined : instant / DAY_MS;
