import type { Caller } from '../../core/accounts/authenticate.ts';
import type { Campaign } from '../../core/campaigns/campaign.ts';
import { progressOf } from '../../core/campaigns/progress.ts';
import type { CampaignId } from '../../core/ids.ts';
import { inCredits } from '../../core/money.ts';
import { bar, lasted } from '../migrate/progress.ts';
import { CliError } from '../shared/failure.ts';
import { credits, iso, span, when } from '../shared/format.ts';
import type { Session } from '../shared/kit.ts';
import { accountNames } from '../shared/lookup.ts';
import { isId } from '../shared/parse.ts';
import type { Paint } from '../shared/paint.ts';

/** The campaign of this id, and who stands for its account. @throws CliError when there is none. */
export async function findCampaign(
  { gateway }: Session,
  id: string,
): Promise<{ campaign: Campaign; caller: Caller }> {
  const campaign = isId(id)
    ? await gateway.campaigns.findAny(id.toLowerCase() as CampaignId)
    : undefined;
  if (!campaign) {
    throw new CliError(`There is no campaign '${id}': see \`parlance campaign list\`.`);
  }
  return { campaign, caller: await gateway.owner.actAs(campaign.accountId) };
}

/** A campaign for programs. */
export function campaignDocument(campaign: Campaign, account: string, now: number) {
  const { perSecond, leftMs, share } = progressOf(campaign, now);
  const { batchSize, batchEveryMs } = campaign;
  return {
    id: campaign.id,
    account,
    name: campaign.name,
    kind: campaign.kind,
    state: campaign.state,
    reason: campaign.reason,
    sender: campaign.sender,
    text: campaign.text,
    medium: campaign.medium,
    product: campaign.product,
    tags: campaign.tags,
    columns: campaign.columns,
    rows: campaign.rows,
    broken: campaign.broken,
    submitted: campaign.cursor,
    left: campaign.stored - campaign.cursor,
    messages: campaign.sent,
    refused: campaign.refused,
    parts: campaign.parts,
    price: inCredits(campaign.price),
    share,
    perSecond,
    leftSeconds: leftMs === null ? null : Math.round(leftMs / 1000),
    scheduledAt: iso(campaign.scheduledAt),
    batch:
      batchSize === null || batchEveryMs === null
        ? null
        : { size: batchSize, everySeconds: batchEveryMs / 1000 },
    createdAt: iso(campaign.createdAt),
    startedAt: iso(campaign.startedAt),
    doneAt: iso(campaign.doneAt),
  };
}

/** Prints a campaign. */
export async function showCampaign(session: Session, campaign: Campaign): Promise<void> {
  const { gateway, print } = session;
  const nameOf = await accountNames(session, [campaign.accountId]);
  const now = gateway.delivery.clock.now();
  const { batchSize, batchEveryMs, broken, refused } = campaign;
  print.result(campaignDocument(campaign, nameOf(campaign.accountId), now), () =>
    print.fields([
      ['id', campaign.id],
      ['account', nameOf(campaign.accountId)],
      ['name', campaign.name],
      ['state', campaign.state],
      ['reason', campaign.reason],
      ['sender', campaign.sender],
      ['text', campaign.text],
      ['product', campaign.product],
      ['opt-out tags', campaign.tags?.join(', ')],
      ['rows', `${campaign.rows}, ${broken} of them broken`],
      ['progress', progressLine(campaign, now)],
      ['messages', `${campaign.sent} of ${campaign.parts} parts, ${refused} refused`],
      ['price', credits(campaign.price)],
      ['scheduled', whenUtc(campaign.scheduledAt)],
      [
        'batches',
        batchSize === null || batchEveryMs === null
          ? null
          : `${batchSize} rows every ${span(batchEveryMs)}`,
      ],
      ['next batch', nextBatch(campaign)],
      ['created', whenUtc(campaign.createdAt)],
      ['started', whenUtc(campaign.startedAt)],
      ['ended', whenUtc(campaign.doneAt)],
    ]),
  );
}

/** `████████░░░░░░░░░░░░  42 %  420000/1000000 rows  21000/s  28s left` */
export function progressLine(campaign: Campaign, now: number): string {
  const { rows, done, share, perSecond, leftMs } = progressOf(campaign, now);
  const pace = perSecond === null ? '' : `  ${Math.round(perSecond)}/s`;
  const left = leftMs === null ? '' : `  ${lasted(leftMs)} left`;
  return `${bar(share)}  ${done}/${rows} rows${pace}${left}`;
}

/** How a state is shown that somebody should look at. */
export function stateColour({ state }: Campaign, paint: Paint) {
  if (state === 'failed') return paint.bad;
  return state === 'paused' ? paint.doubtful : paint.none;
}

function whenUtc(at: number | null): string | null {
  return at === null ? null : `${when(at)} UTC`;
}

function nextBatch({ state, batchSize, lockedBy, dueAt, startedAt }: Campaign): string | null {
  const waits =
    state === 'running' && batchSize !== null && lockedBy === null && startedAt !== null;
  return waits ? whenUtc(dueAt) : null;
}
