import type { Caller } from '../accounts/authenticate.ts';
import { ownersChannel } from '../accounts/authenticate.ts';
import type { Actor, AuditAction } from '../audit/entry.ts';
import { audit } from '../audit/audit.ts';
import { clientActor, ownerActor } from '../audit/entry.ts';
import type { ErrorCode } from '../errors.ts';
import { GatewayError } from '../errors.ts';
import type { CampaignId } from '../ids.ts';
import type { OutgoingMessage, Prepared, Refused } from '../messages/prepare.ts';
import type { OptoutLinks } from '../optouts/optout-links.ts';
import type { SubmitOutcome, SubmitRequest, Verdict } from '../messages/submit.ts';
import { millicredits } from '../money.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { RowFiles } from '../ports/row-files.ts';
import type { CampaignSearch } from '../ports/campaign-storage.ts';
import type { Storage, Tx } from '../ports/storage.ts';
import type { Campaign, CampaignError, CampaignLimits } from './campaign.ts';
import { nextRowAt } from './chunk.ts';
import type { CampaignDefinition, CampaignStart } from './definition.ts';
import { requireDefinition, requireStart } from './definition.ts';
import type { Estimate } from './estimate.ts';
import { estimateCampaign } from './estimate.ts';
import { importRows } from './import.ts';
import { messagesOf, withOptoutLinks } from './messages-of.ts';
import { hasEnded, noSuchMove, requireMove } from './state.ts';

export interface CampaignBookParts {
  storage: Storage;
  clock: Clock;
  ids: Ids;
  files: RowFiles;
  limits: CampaignLimits;
  preview: (caller: Caller, message: OutgoingMessage) => Prepared | Refused;
  submit: (request: SubmitRequest) => Promise<SubmitOutcome>;
  optoutLinks: Pick<OptoutLinks, 'fill' | 'template'>;
}

/** Test messages of one request. */
const mostTests = 5;
const pagesDropped = 50;
const errorsAtOnce = 1_000;

/** @param onProgress told the campaign after each write. @param signal ends it with its reason. */
export interface ImportWish {
  onProgress?: (campaign: Campaign) => void;
  signal?: AbortSignal;
}

/** A row of the error file. */
export type ErrorRow = Pick<CampaignError, 'line' | 'code' | 'detail' | 'number'>;

/** Campaigns as their accounts see them. What makes their rows messages is `Expansion`. */
export class CampaignBook {
  readonly limits: CampaignLimits;
  readonly #parts: CampaignBookParts;

  constructor(parts: CampaignBookParts) {
    this.#parts = parts;
    this.limits = parts.limits;
  }

  /**
   * Begins a campaign, whose file comes then.
   * @throws GatewayError `invalid_request` for what no campaign can be.
   */
  async create(
    caller: Caller,
    definition: CampaignDefinition,
    by: Actor = actorOf(caller),
  ): Promise<Campaign> {
    const { storage, clock, ids, limits } = this.#parts;
    requireDefinition(definition, limits);
    const { name, kind = 'bulk', sender, text, medium = 'sms', header = true } = definition;
    const {
      extras = null,
      product = null,
      tags = null,
      shorten = false,
      keepsRefused = false,
      column = null,
    } = definition;
    const now = clock.now();
    const campaign: Campaign = {
      id: ids.next(),
      accountId: caller.view.account.id,
      name: name.trim(),
      kind,
      state: 'importing',
      reason: null,
      channel: caller.channel,
      sender: sender.trim(),
      text: withOptoutLinks(text, tags ?? [], this.#parts.optoutLinks),
      medium,
      product,
      tags: tags && tags.length > 0 ? tags : null,
      extras,
      shorten: shorten ? 1 : 0,
      keepsRefused: keepsRefused ? 1 : 0,
      header: header ? 1 : 0,
      toColumn: column,
      columns: null,
      rows: 0,
      broken: 0,
      stored: 0,
      cursor: 0,
      sent: 0,
      refused: 0,
      parts: 0,
      price: millicredits(0),
      scheduledAt: null,
      batchSize: null,
      batchEveryMs: null,
      batchFrom: 0,
      batchAt: null,
      stretchFrom: 0,
      stretchAt: null,
      dueAt: now,
      lockedBy: null,
      createdAt: now,
      changedAt: now,
      startedAt: null,
      doneAt: null,
    };
    await storage.write(async (tx) => {
      await tx.campaigns.insert(campaign);
      await this.#audit(tx, by, 'campaign.create', campaign);
    });
    return campaign;
  }

  /**
   * Takes a campaign's file in: CSV or XLSX, as a stream that is read no faster than it is written down. After one
   * that was cut off the same file goes on where it stopped.
   * @returns the campaign, which is ready. @throws GatewayError as `importRows` and `RowFiles.read`, `not_found`.
   */
  async import(
    caller: Caller,
    id: CampaignId,
    bytes: AsyncIterable<Uint8Array>,
    { onProgress = () => {}, signal }: ImportWish = {},
  ): Promise<Campaign> {
    const { files, limits } = this.#parts;
    const campaign = await this.find(caller, id);
    requireMove(campaign.state, 'ready');
    const rows = files.read(bytes, { bytes: limits.fileBytes, signal });
    try {
      return await importRows(this.#parts, campaign, rows, onProgress);
    } catch (error) {
      // Refused, or aborted meanwhile.
      const { state } = await this.find(caller, id);
      if (hasEnded(state)) await this.#dropPages(id);
      throw error;
    }
  }

  /** @throws GatewayError `not_found` when the caller has none of that id. */
  async find(caller: Caller, id: CampaignId): Promise<Campaign> {
    const campaign = await this.#parts.storage.read.campaigns.find(id);
    if (campaign?.accountId === caller.view.account.id) return campaign;
    throw notFound();
  }

  /** Whosever it is: for the owner's tools. */
  findAny(id: CampaignId): Promise<Campaign | undefined> {
    return this.#parts.storage.read.campaigns.find(id);
  }

  /** The caller's campaigns, newest first. */
  list(caller: Caller, which: Omit<CampaignSearch, 'accountId'>): Promise<Campaign[]> {
    return this.listAll({ ...which, accountId: caller.view.account.id });
  }

  /** Of an account or of all of them: for the owner's tools. */
  listAll(which: CampaignSearch): Promise<Campaign[]> {
    return this.#parts.storage.read.campaigns.list(which);
  }

  /** What its rows that are not submitted would come to, and what would be refused: a dry run. */
  async estimate(
    caller: Caller,
    id: CampaignId,
    onProgress: (rows: number) => void = () => {},
  ): Promise<Estimate> {
    const { storage, preview, optoutLinks } = this.#parts;
    const campaign = await this.find(caller, id);
    return estimateCampaign(storage, caller, campaign, preview, optoutLinks, onProgress);
  }

  /**
   * Sends what one row would get to other numbers, at once and at their price, each with opt-out links of its own.
   * @param row which of the rows that are still to be sent, from 1.
   * @throws GatewayError `invalid_request`, `not_found`, and as `Submitter.submit`.
   */
  async test(
    caller: Caller,
    id: CampaignId,
    { to, row = 1 }: { to: readonly string[]; row?: number },
  ): Promise<Verdict[]> {
    const { storage, submit } = this.#parts;
    const campaign = await this.find(caller, id);
    if (to.length === 0 || to.length > mostTests) {
      throw new GatewayError('invalid_request', `A test goes to 1 to ${mostTests} numbers.`, {
        field: 'to',
      });
    }
    const place = campaign.cursor + row - 1;
    const page = await storage.read.campaigns.page(campaign.id, place);
    const found = page?.rows[place - page.first];
    if (!found) {
      throw new GatewayError('invalid_request', 'The campaign has no such row that waits.', {
        field: 'row',
      });
    }
    const [line, , ...values] = found;
    const messageOf = messagesOf(campaign, caller.view, this.#parts.optoutLinks);
    const outcome = await submit({
      caller,
      // As if the row were of that number: an opt-out link is for whoever gets it.
      messages: to.map((number) => ({ ...messageOf([line, number, ...values]), priority: 0 })),
    });
    if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
    return outcome.result.verdicts;
  }

  /**
   * Lets a campaign that is ready begin, now or at its time.
   * @throws GatewayError `invalid_request`, `not_found`.
   */
  start(
    caller: Caller,
    id: CampaignId,
    start: CampaignStart = {},
    by: Actor = actorOf(caller),
  ): Promise<Campaign> {
    return this.#change(caller, { id, action: 'campaign.schedule', by }, (campaign, now) => {
      const { at = null, batch = null } = start;
      const state = at === null ? 'running' : 'scheduled';
      if (campaign.state !== 'ready') throw noSuchMove(campaign.state, state);
      requireStart(start, this.limits, now);
      if (campaign.stored === 0) return { ...campaign, state: 'done', startedAt: now, doneAt: now };
      return {
        ...campaign,
        state,
        scheduledAt: at,
        batchSize: batch?.size ?? null,
        batchEveryMs: batch?.everyMs ?? null,
        dueAt: at ?? now,
      };
    });
  }

  /** Nothing more is submitted until it is resumed. What was goes on its way. @throws GatewayError as `start`. */
  pause(caller: Caller, id: CampaignId, by: Actor = actorOf(caller)): Promise<Campaign> {
    const reason = 'Paused by hand.';
    return this.#change(caller, { id, action: 'campaign.pause', by }, (campaign) => {
      requireMove(campaign.state, 'paused');
      return { ...campaign, state: 'paused', reason, lockedBy: null };
    });
  }

  /** It goes on where it stopped, or waits for its time or its next batch again. @throws GatewayError as `start`. */
  resume(caller: Caller, id: CampaignId, by: Actor = actorOf(caller)): Promise<Campaign> {
    return this.#change(caller, { id, action: 'campaign.resume', by }, (campaign, now) => {
      if (campaign.state !== 'paused') throw noSuchMove(campaign.state, 'running');
      const { scheduledAt, startedAt } = campaign;
      const waits = startedAt === null && scheduledAt !== null && scheduledAt > now;
      return {
        ...campaign,
        state: waits ? 'scheduled' : 'running',
        reason: null,
        dueAt: waits ? scheduledAt : nextRowAt(campaign, now),
        // The time in which it was paused says nothing of how fast it is.
        stretchAt: null,
      };
    });
  }

  /** What was not submitted never will be. @throws GatewayError as `start`. */
  async abort(caller: Caller, id: CampaignId, by: Actor = actorOf(caller)): Promise<Campaign> {
    const change = { id, action: 'campaign.abort', by } as const;
    const aborted = await this.#change(caller, change, (campaign, now) => {
      requireMove(campaign.state, 'aborted');
      return {
        ...campaign,
        state: 'aborted',
        reason: 'Aborted by hand.',
        lockedBy: null,
        doneAt: now,
      };
    });
    await this.#dropPages(id);
    return aborted;
  }

  /** The lines that were not sent, and why, in their order: so many after a line. @throws GatewayError `not_found`. */
  async errors(
    caller: Caller,
    id: CampaignId,
    { after, limit }: { after: number; limit: number },
  ): Promise<ErrorRow[]> {
    const { id: campaignId } = await this.find(caller, id);
    return this.#parts.storage.read.campaigns.errors(
      campaignId,
      after,
      Math.min(limit, errorsAtOnce),
    );
  }

  /** All of them as a CSV file, some lines at a time. @throws GatewayError `not_found`. */
  async *errorFile(caller: Caller, id: CampaignId): AsyncGenerator<string> {
    yield 'line,reason,detail,number\r\n';
    for (let after = 0; ; ) {
      const errors = await this.errors(caller, id, { after, limit: errorsAtOnce });
      if (errors.length === 0) return;
      yield errors.map(errorLine).join('');
      after = errors.at(-1)?.line ?? after;
    }
  }

  async #change(
    caller: Caller,
    { id, action, by }: { id: CampaignId; action: AuditAction; by: Actor },
    to: (campaign: Campaign, now: number) => Campaign,
  ): Promise<Campaign> {
    const { storage, clock } = this.#parts;
    return storage.write(async (tx) => {
      const [found] = await tx.campaigns.lock([id]);
      if (found?.accountId !== caller.view.account.id) throw notFound();
      const now = clock.now();
      const changed: Campaign = { ...to(found, now), changedAt: now };
      await tx.campaigns.save([changed]);
      await this.#audit(tx, by, action, changed);
      return changed;
    });
  }

  #audit(tx: Tx, by: Actor, action: AuditAction, { id, accountId, name }: Campaign): Promise<void> {
    const { ids, clock } = this.#parts;
    const change = { accountId, action, subject: id, details: { name } };
    return audit(tx, { ids, now: clock.now() }, by, change);
  }

  /** Numbers of people are not kept for a campaign that has ended. What is left after a crash goes with it. */
  async #dropPages(id: CampaignId): Promise<void> {
    const { storage } = this.#parts;
    for (;;) {
      const dropped = await storage.write((tx) => tx.campaigns.removeSomePages(id, pagesDropped));
      if (dropped < pagesDropped) return;
    }
  }
}

function actorOf(caller: Caller): Actor {
  return caller.channel === ownersChannel ? ownerActor : clientActor(caller);
}

function notFound(): GatewayError {
  return new GatewayError('not_found', 'There is no such campaign.');
}

function errorLine({ line, code, detail, number }: ErrorRow): string {
  return `${[String(line), code satisfies ErrorCode, detail, number ?? ''].map(cell).join(',')}\r\n`;
}

/** A spreadsheet takes what begins like a formula for one: an apostrophe keeps it a text. */
function cell(text: string): string {
  const safe = /^[=@\t\r]|^[+-](?!\d+$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
