import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressesOf } from './accept.ts';
import { post } from './load.ts';
import type { Running } from './process.ts';
import { startProgram } from './process.ts';
import { sendRequest } from './request.ts';
import type { Stage } from './stage.ts';
import type { Tally } from './webhook-sink.ts';

const perRequest = 10;
const lookMs = 50;
/** The first repetition of a webhook that failed comes after a minute: no figure waits for it. */
const stalledMs = 30_000;

/** A client's server that is told of what became of messages. */
export function startSink(stage: Stage): Promise<Running> {
  return startProgram(stage, [path.join(import.meta.dirname, 'webhook-sink.ts')]);
}

/**
 * Sends messages through all nodes alike and waits until the sink was told of each that it was delivered.
 * @returns how long that took, from the first request to the last webhook, in milliseconds.
 */
export async function sendThrough(
  nodes: readonly Running[],
  sink: Running,
  messages: number,
): Promise<number> {
  const before = await tallyOf(sink);
  const start = Date.now();
  await post(addressesOf(nodes), sendRequest(perRequest), { amount: messages / perRequest });
  return (await heardOf(sink, before.messages + messages)) - start;
}

/** Waits until so many messages were told of; gives when the last one was. */
async function heardOf(sink: Running, messages: number): Promise<number> {
  const waitingSince = Date.now();
  for (;;) {
    const tally = await tallyOf(sink);
    if (tally.others > 0 || tally.repeated > 0) {
      throw new Error(
        `${tally.others} messages did not end as delivered, ${tally.repeated} webhooks came twice`,
      );
    }
    if (tally.messages >= messages) return tally.lastAt;
    if (Date.now() - Math.max(tally.lastAt, waitingSince) > stalledMs) {
      throw new Error(`only ${tally.messages} of ${messages} messages were told of`);
    }
    await sleep(lookMs);
  }
}

async function tallyOf(sink: Running): Promise<Tally> {
  const answer = await fetch(sink.url, { signal: AbortSignal.timeout(stalledMs) });
  return (await answer.json()) as Tally;
}
