import { GatewayError } from '../errors.ts';
import type { Medium } from '../messages/medium.ts';
import type { Message } from '../messages/message.ts';
import type { MessageLimits } from '../messages/prepare.ts';
import type { CampaignKind, CampaignLimits } from './campaign.ts';

/** What a client says of a campaign before its file comes. */
export interface CampaignDefinition {
  name: string;
  /** Default `bulk`. */
  kind?: CampaignKind | undefined;
  sender: string;
  /** With `{{column}}` where a row's value goes; a number means the column of that place. */
  text: string;
  /** Default `sms`. */
  medium?: Medium | undefined;
  product?: string | null | undefined;
  /** Opt-out tags. */
  tags?: readonly string[] | null | undefined;
  /** As `Message.extras`, for each of its messages. */
  extras?: Message['extras'] | undefined;
  shorten?: boolean | undefined;
  /** As `Campaign.keepsRefused`: for a way in that promised to tell what becomes of each row. Default false. */
  keepsRefused?: boolean | undefined;
  /** Does the file's first row name its columns? Default true; without it they are called 1, 2, 3 … */
  header?: boolean | undefined;
  /** The column with the numbers. Default: the first that is called `to`, `mobile`, `number`, `phone` or the like. */
  column?: string | null | undefined;
}

/** When and how fast rows become messages. */
export interface CampaignStart {
  /** Not before this instant; default now. */
  at?: number | null | undefined;
  /** Only so many at once, and the next after that time. */
  batch?: { size: number; everyMs: number } | null | undefined;
}

const longestName = 200;
const longestText = 20_000;
const longestTag = 400;

/** What a message of a campaign may be; longer ones of a row are refused. */
export const campaignMessageLimits: MessageLimits = {
  alphabet: 'any',
  characters: 1530,
  parts: 10,
};

/** Behind all that is sent one by one. */
export const campaignPriority = -1;

function refuse(field: string, detail: string): never {
  throw new GatewayError('invalid_request', detail, { field });
}

/** @throws GatewayError `invalid_request` with the first thing that is wrong. */
export function requireDefinition(
  { name, text, sender, product, tags, column }: CampaignDefinition,
  limits: CampaignLimits,
): void {
  requireText(name, 'name', longestName);
  requireText(sender, 'sender', longestTag);
  requireText(text, 'text', longestText);
  if (column !== undefined && column !== null) requireText(column, 'column', longestName);
  if (product !== undefined && product !== null) requireText(product, 'product', longestTag);
  if (!tags) return;
  if (tags.length > limits.tags) {
    refuse('tags', `A campaign has at most ${limits.tags} opt-out tags, and not ${tags.length}.`);
  }
  for (const tag of tags) requireText(tag, 'tags', longestTag);
}

function requireText(text: string, field: string, longest: number): void {
  if (text.trim() === '') refuse(field, `The campaign's ${field} is empty.`);
  if (text.length > longest) {
    refuse(field, `The campaign's ${field} is longer than ${longest} characters.`);
  }
  if (!text.isWellFormed() || text.includes('\0')) {
    refuse(field, `The campaign's ${field} has a character that cannot be kept.`);
  }
}

/** @throws GatewayError `invalid_request` with the first thing that is wrong. */
export function requireStart(
  { at, batch }: CampaignStart,
  limits: CampaignLimits,
  now: number,
): void {
  if (at !== undefined && at !== null) {
    if (at <= now + limits.scheduleLeastMs) {
      refuse('at', `A campaign is scheduled more than ${spanText(limits.scheduleLeastMs)} ahead.`);
    }
    if (at >= now + limits.scheduleMostMs) {
      refuse('at', `A campaign is scheduled less than ${spanText(limits.scheduleMostMs)} ahead.`);
    }
  }
  if (!batch) return;
  const { batchLeast, batchMost, batchEveryLeastMs, batchEveryMostMs } = limits;
  if (!(batch.size >= batchLeast && batch.size <= batchMost)) {
    refuse('batch.size', `A batch has ${batchLeast} to ${batchMost} rows, and not ${batch.size}.`);
  }
  if (!(batch.everyMs >= batchEveryLeastMs && batch.everyMs <= batchEveryMostMs)) {
    refuse(
      'batch.every',
      `Batches follow each other after ${spanText(batchEveryLeastMs)} to ${spanText(batchEveryMostMs)}.`,
    );
  }
}

const units = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;

/** `5 minutes`, `90 days`. */
export function spanText(ms: number): string {
  const [unit, name] = units.find(([one]) => ms >= one && ms % one === 0) ?? [1, 'millisecond'];
  const count = ms / unit;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
