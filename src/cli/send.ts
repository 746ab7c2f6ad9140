import type { Command } from 'commander';
import type { Message } from '../core/messages/message.ts';
import type { Verdict } from '../core/messages/submit.ts';
import { inCredits, millicredits } from '../core/money.ts';
import { CliError, exitCodes, usageError } from './shared/failure.ts';
import type { ExitCode } from './shared/failure.ts';
import { count, credits, iso } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount } from './shared/lookup.ts';
import { collect, parseWhen } from './shared/parse.ts';

interface SendOptions {
  to: string[];
  sender: string;
  text: string;
  at?: number;
  ref?: string;
  product?: string;
  tag?: string[];
  shorten?: boolean;
}

/** What fits into ten parts; a longer one from a command line is a mistake. */
const limits = { alphabet: 'any', characters: 1530, parts: 10 } as const;
const mostNumbers = 100;

/** `parlance send`: sends a message as an account would. */
export function addSend(program: Command, kit: Kit): void {
  const command = program
    .command('send')
    .argument('<account>', 'its name')
    .summary('Send a message as an account.')
    .description(
      'Send a message as an account: checked, charged and stored as one that came through its API. ' +
        'The serving process hands it over.',
    )
    .requiredOption('--to <number>', 'destination; repeatable', collect(String))
    .requiredOption('--sender <address>', 'one of the account’s senders')
    .requiredOption('--text <text>', 'the message')
    .option('--at <time>', 'not before this time (UTC unless it names an offset)', parseWhen)
    .option('--ref <text>', 'the account’s own reference')
    .option('--product <product>', 'a class of traffic that rules may ask for')
    .option('--shorten', 'make its URLs short links')
    .option('--tag <tag>', 'a label that rules may ask for; repeatable', collect(String))
    .action(
      storageAction(kit, async (session, options: SendOptions, name: string) => {
        const { gateway, print } = session;
        if (options.to.length > mostNumbers) {
          throw usageError(`At most ${mostNumbers} numbers at once.`);
        }
        const account = await findAccount(session, name);
        if (account.status === 'suspended') {
          throw new CliError(
            `'${name}' is suspended: let it send again with \`parlance account resume ${name}\`.`,
          );
        }
        const outcome = await gateway.submit({
          caller: await gateway.owner.actAs(account.id),
          messages: options.to.map((to) => ({
            to,
            text: options.text,
            sender: options.sender,
            scheduledAt: options.at,
            clientRef: options.ref,
            product: options.product,
            tags: options.tag,
            shorten: options.shorten,
            limits,
          })),
        });
        if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
        const { submissionId, verdicts } = outcome.result;
        const rows = verdicts.map((verdict, index) => ({ to: options.to[index] ?? '', verdict }));
        print.result({ submissionId, items: rows.map(verdictDocument) }, () =>
          print.table(rows, [
            { title: 'TO', of: ({ to, verdict }) => verdict.message?.destination ?? to },
            {
              title: 'STATUS',
              of: ({ verdict }) => (verdict.ok ? acceptedAs(verdict.message) : 'refused'),
              colour: ({ verdict }, paint) => (verdict.ok ? paint.none : paint.bad),
            },
            { title: 'PARTS', of: ({ verdict }) => verdict.message?.parts, align: 'right' },
            { title: 'PRICE', of: ({ verdict }) => credits(priceOf(verdict)), align: 'right' },
            {
              title: 'MESSAGE',
              of: ({ verdict }) => (verdict.ok ? verdict.message.id : verdict.error.detail),
            },
          ]),
        );
        return conclude(verdicts, (remark) => print.remark(remark));
      }),
    );
  examples(command, [
    ['parlance send shop --to 0412345678 --sender CompanyABC --text "It works"', 'one message'],
    [
      'parlance send shop --to 0412345678 --sender CompanyABC --text "Sale" --at "2026-12-01 22:00:00"',
      'later; until then `parlance message cancel` takes it back',
    ],
  ]);
}

/** How it was accepted: what a node with its link makes of it from there on is another story. */
function acceptedAs({ scheduledAt }: Message): 'scheduled' | 'queued' {
  return scheduledAt === null ? 'queued' : 'scheduled';
}

function conclude(verdicts: readonly Verdict[], remark: (text: string) => void): ExitCode {
  const accepted = verdicts.flatMap((verdict) => (verdict.ok ? [verdict.message] : []));
  const [first] = accepted;
  if (first) {
    const what = count(accepted.length, 'message');
    remark(
      acceptedAs(first) === 'scheduled'
        ? `${what} scheduled; a serving process (\`parlance serve\`) sends when it is time.`
        : `${what} queued; a serving process (\`parlance serve\`) takes it up within a second. Follow it with \`parlance message show ${first.id}\`.`,
    );
  }
  return accepted.length === verdicts.length ? exitCodes.fine : exitCodes.failed;
}

function priceOf(verdict: Verdict) {
  return verdict.ok ? verdict.message.price : millicredits(0);
}

function verdictDocument({ to, verdict }: { to: string; verdict: Verdict }) {
  return {
    to: verdict.message?.destination ?? to,
    status: verdict.ok ? acceptedAs(verdict.message) : 'refused',
    messageId: verdict.message?.id ?? null,
    parts: verdict.message?.parts ?? null,
    price: inCredits(priceOf(verdict)),
    scheduledAt: iso(verdict.message?.scheduledAt ?? null),
    error: verdict.ok ? null : verdict.error,
  };
}
