import { hash } from 'node:crypto';
import type { Caller } from '../accounts/authenticate.ts';
import type { ErrorCode } from '../errors.ts';
import { withoutCodes } from '../links/linked.ts';
import { isRepetition, optedOut } from '../messages/accept.ts';
import type { OutgoingMessage, Prepared, Refused } from '../messages/prepare.ts';
import type { Millicredits } from '../money.ts';
import { millicredits } from '../money.ts';
import type { Storage } from '../ports/storage.ts';
import type { Campaign } from './campaign.ts';
import type { OptoutLinks } from '../optouts/optout-links.ts';
import { isInScope } from '../optouts/scope.ts';
import { messagesOf } from './messages-of.ts';

/** What the rows of a campaign that were not submitted yet would come to now. */
export interface Estimate {
  rows: number;
  messages: number;
  parts: number;
  price: Millicredits;
  /** What would be refused, by reason, the most frequent first; each with the first line of it. */
  refused: { code: ErrorCode; rows: number; line: number; detail: string }[];
  /** Rows that could not be read, and are not among `rows`. */
  broken: number;
}

/** Rows that a dry run compares with those before them: some 40 bytes each. */
const mostCompared = 1_000_000;

/**
 * A dry run: every row is made a message and looked at as if it were submitted, page by page. Of what only a
 * transaction knows there are opt-outs and, as if all rows were sent at once, repetitions among them; left out is what
 * they repeat of before, and what others change meanwhile.
 * @param onProgress told how many rows were looked at.
 */
export async function estimateCampaign(
  { read }: Pick<Storage, 'read'>,
  caller: Caller,
  campaign: Campaign,
  preview: (caller: Caller, message: OutgoingMessage) => Prepared | Refused,
  links: Pick<OptoutLinks, 'fill'>,
  onProgress: (rows: number) => void,
): Promise<Estimate> {
  const messageOf = messagesOf(campaign, caller.view, links);
  const refused = new Map<ErrorCode, Estimate['refused'][number]>();
  const { duplicateWindowMs } = caller.view.account;
  const isRepeated = duplicateWindowMs > 0 ? repetitions() : () => false;
  let messages = 0;
  let parts = 0;
  let price = 0;
  const refuse = (code: ErrorCode, line: number, detail: string): void => {
    const known = refused.get(code);
    if (known) known.rows += 1;
    else refused.set(code, { code, rows: 1, line, detail });
  };
  for (let row = campaign.cursor; row < campaign.stored; ) {
    const page = await read.campaigns.page(campaign.id, row);
    if (!page) break;
    const wanted: { line: number; prepared: Prepared }[] = [];
    for (const one of page.rows.slice(row - page.first)) {
      const prepared = preview(caller, messageOf(one));
      if (prepared.ok) wanted.push({ line: one[0], prepared });
      else refuse(prepared.error.code, one[0], prepared.error.detail);
    }
    const numbers = wanted.map(({ prepared }) => prepared.destination);
    const [blocked, scopes] = await Promise.all([
      read.optouts.matching(campaign.accountId, numbers),
      caller.view.hasScopedOptouts ? read.scopedOptouts.of(campaign.accountId, numbers) : [],
    ]);
    wanted.forEach(({ line, prepared }, at) => {
      if (blocked[at] || scopes[at]?.some((scope) => isInScope(prepared, scope))) {
        refuse(optedOut.code, line, optedOut.detail);
        return;
      }
      if (isRepeated(prepared)) {
        refuse(isRepetition.code, line, isRepetition.detail);
        return;
      }
      messages += 1;
      parts += prepared.parts;
      price += prepared.price;
    });
    row = page.first + page.rows.length;
    onProgress(row - campaign.cursor);
    // Half a million rows are seconds of work, and on one engine nothing here waits for anything else.
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
  return {
    rows: campaign.stored - campaign.cursor,
    messages,
    parts,
    price: millicredits(price),
    refused: [...refused.values()].toSorted((a, b) => b.rows - a.rows),
    broken: campaign.broken,
  };
}

/**
 * Gives what tells whether a message is the same as one that it was asked about before, as `acceptAll` compares them.
 * By 48 bits of a digest: of half a million texts one is taken for another in a run of two thousand.
 */
function repetitions(): (message: Prepared) => boolean {
  const seen = new Set<number>();
  return ({ destination, sender, text, links }) => {
    const same = `${destination}\0${sender}\0${withoutCodes(text, links)}`;
    const mark = hash('sha256', same, 'buffer').readUIntBE(0, 6);
    if (seen.has(mark)) return true;
    if (seen.size < mostCompared) seen.add(mark);
    return false;
  };
}
