import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { Campaign } from '../../core/campaigns/campaign.ts';
import { campaignKinds } from '../../core/campaigns/campaign.ts';
import { progressOf } from '../../core/campaigns/progress.ts';
import { campaignStates } from '../../core/campaigns/state.ts';
import { GatewayError } from '../../core/errors.ts';
import type { CampaignId } from '../../core/ids.ts';
import { media } from '../../core/messages/medium.ts';
import { inCredits } from '../../core/money.ts';
import { arriving, grantTime, whileWaitedFor } from '../../dialects/shared/arrival.ts';
import type { Call, ConsoleContext, ConsoleRoute } from './call.ts';
import { accountOf, bodyOf, idOf, queryOf } from './call.ts';
import { count } from './fields.ts';

/** What a text means is asked in the core; here, that it is one and not endless. */
const text = (most: number) => z.string().max(most);
const whole = z.number().int().min(0).max(1_000_000_000_000);

const definition = z.strictObject({
  name: text(1_000),
  sender: text(1_000),
  text: text(40_000),
  kind: z.enum(campaignKinds).optional(),
  medium: z.enum(media).optional(),
  product: text(400).nullish(),
  tags: z.array(text(1_000)).max(100).nullish(),
  shorten: z.boolean().optional(),
  header: z.boolean().optional(),
  column: text(1_000).nullish(),
});

const start = z.strictObject({
  at: z.iso
    .datetime({ offset: true })
    .transform((at) => Date.parse(at))
    .nullish(),
  batch: z.strictObject({ size: whole, everySeconds: whole }).nullish(),
});

const test = z.strictObject({
  to: z.array(text(100)).max(100),
  row: z.number().int().min(1).max(1_000_000_000).optional(),
});

const page = z.object({
  limit: count(100, 20),
  offset: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .default(0),
  state: z.enum(campaignStates).optional(),
});

const errorsPage = z.object({
  limit: count(1_000, 100),
  after: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a line')
    .transform(Number)
    .default(0),
});

/** Campaigns of an account: made, given their file as it is, tried, started, stopped, and followed. */
export function campaignRoutes({ gateway }: ConsoleContext): readonly ConsoleRoute[] {
  const { campaigns } = gateway;
  const callerOf = async (call: Call): Promise<Caller> => ({
    ...(await gateway.owner.actAs(accountOf(call).id)),
    channel: 'console',
  });
  const present = (campaign: Campaign) => presentCampaign(campaign, gateway.delivery.clock.now());
  const change = (what: 'pause' | 'resume' | 'abort'): ConsoleRoute => ({
    method: 'POST',
    path: `/campaigns/:id/${what}`,
    needs: 'campaigns:manage',
    handle: async (call) =>
      present(await campaigns[what](await callerOf(call), idOf<CampaignId>(call), call.actor)),
  });

  return [
    {
      method: 'GET',
      path: '/campaigns',
      needs: 'campaigns:read',
      handle: async (call) => {
        const { limit, offset, state } = queryOf(call, page);
        const which = { limit: limit + 1, offset, state };
        const found = await campaigns.list(await callerOf(call), which);
        return {
          campaigns: found.slice(0, limit).map(present),
          more: found.length > limit,
          limits: campaigns.limits,
        };
      },
    },
    {
      method: 'POST',
      path: '/campaigns',
      needs: 'campaigns:manage',
      handle: async (call) => {
        const wanted = bodyOf(call, definition);
        const made = await campaigns.create(await callerOf(call), wanted, call.actor);
        call.reply.code(201);
        return present(made);
      },
    },
    {
      method: 'GET',
      path: '/campaigns/:id',
      needs: 'campaigns:read',
      handle: async (call) =>
        present(await campaigns.find(await callerOf(call), idOf<CampaignId>(call))),
    },
    {
      method: 'POST',
      path: '/campaigns/:id/file',
      needs: 'campaigns:manage',
      // It does not fit into memory: it is written down as it comes in.
      bodyBytes: null,
      handle: async (call) => {
        const caller = await callerOf(call);
        const id = idOf<CampaignId>(call);
        const signal = gateway.imports.until(whileWaitedFor(call.reply.raw));
        const ready = await gateway.imports.run(caller, signal, () => {
          const bytes = uploaded(call, campaigns.limits.fileBytes, signal);
          return campaigns.import(caller, id, bytes, { signal });
        });
        return present(ready);
      },
    },
    {
      method: 'GET',
      path: '/campaigns/:id/estimate',
      needs: 'campaigns:read',
      handle: async (call) => {
        const caller = await callerOf(call);
        const { price, ...estimate } = await campaigns.estimate(caller, idOf<CampaignId>(call));
        const balance = await gateway.balance(caller);
        return {
          ...estimate,
          price: inCredits(price),
          balance: balance === undefined ? null : inCredits(balance),
        };
      },
    },
    {
      method: 'POST',
      path: '/campaigns/:id/test',
      needs: 'campaigns:manage',
      handle: async (call) => {
        const asked = bodyOf(call, test);
        const verdicts = await campaigns.test(await callerOf(call), idOf<CampaignId>(call), {
          to: asked.to,
          ...(asked.row !== undefined && { row: asked.row }),
        });
        return {
          messages: verdicts.map((verdict) => ({
            id: verdict.message?.id ?? null,
            to: verdict.message?.destination ?? null,
            text: verdict.message?.text ?? null,
            error: verdict.ok ? null : verdict.error,
          })),
        };
      },
    },
    {
      method: 'POST',
      path: '/campaigns/:id/start',
      needs: 'campaigns:manage',
      handle: async (call) => {
        const { at, batch } = bodyOf(call, start);
        const when = {
          at,
          batch: batch && { size: batch.size, everyMs: batch.everySeconds * 1000 },
        };
        const id = idOf<CampaignId>(call);
        return present(await campaigns.start(await callerOf(call), id, when, call.actor));
      },
    },
    change('pause'),
    change('resume'),
    change('abort'),
    {
      method: 'GET',
      path: '/campaigns/:id/errors',
      needs: 'campaigns:read',
      handle: async (call) => {
        const { after, limit } = queryOf(call, errorsPage);
        const id = idOf<CampaignId>(call);
        const errors = await campaigns.errors(await callerOf(call), id, { after, limit });
        const next = errors.length === limit ? (errors.at(-1)?.line ?? null) : null;
        return {
          errors: errors.map(({ line, code, detail, number }) => ({ line, code, detail, number })),
          next,
        };
      },
    },
    {
      method: 'GET',
      path: '/campaigns/:id/errors.csv',
      needs: 'campaigns:read',
      handle: async (call) => {
        const caller = await callerOf(call);
        const { id } = await campaigns.find(caller, idOf<CampaignId>(call));
        const lines = Readable.from(campaigns.errorFile(caller, id));
        await call.reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="errors-${id}.csv"`)
          .send(lines);
        return undefined;
      },
    },
  ];
}

/** The body as it comes in. @throws GatewayError `body_too_large`, `body_incomplete`. */
async function* uploaded(
  { request }: Call,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > most) {
    throw new GatewayError(
      'body_too_large',
      `The file is larger than ${Math.floor(most / (1024 * 1024))} MB.`,
      { field: 'file' },
    );
  }
  const body = request.body as IncomingMessage | undefined;
  if (!body) return;
  grantTime(body);
  yield* arriving(body, signal);
}

function presentCampaign(campaign: Campaign, now: number) {
  const { share, perSecond, leftMs } = progressOf(campaign, now);
  const { batchSize, batchEveryMs } = campaign;
  return {
    id: campaign.id,
    name: campaign.name,
    kind: campaign.kind,
    state: campaign.state,
    reason: campaign.reason,
    sender: campaign.sender,
    text: campaign.text,
    medium: campaign.medium,
    product: campaign.product,
    tags: campaign.tags,
    shorten: campaign.shorten === 1,
    columns: campaign.columns,
    rows: campaign.rows,
    broken: campaign.broken,
    submitted: campaign.cursor,
    left: campaign.stored - campaign.cursor,
    messages: campaign.sent,
    refused: campaign.refused,
    parts: campaign.parts,
    price: inCredits(campaign.price),
    progress: {
      share,
      perSecond,
      secondsLeft: leftMs === null ? null : Math.round(leftMs / 1000),
    },
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

const iso = (instant: number | null): string | null =>
  instant === null ? null : new Date(instant).toISOString();
