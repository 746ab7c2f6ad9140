import type { DeviceId, MessageId } from '../ids.ts';
import type { Tx } from '../ports/storage.ts';
import type { DeviceContext } from './context.ts';
import type { StoredDevice } from './device.ts';
import type { StoredErrand } from './errand.ts';
import { readErrandName } from './errand.ts';
import type { Report } from './phone-report.ts';
import type { After } from './round.ts';
import { Round } from './round.ts';

export interface Reporting {
  device: StoredDevice;
  report: Report;
}

/**
 * Writes down what phones say of their errands, many in one transaction, and what follows for their messages in
 * the same: a phone is answered after that commit, and what it repeats changes nothing.
 *
 * What a phone says of an errand that is not its own is passed over, unless the phone that had it is gone: who
 * enrols his phone anew has the same messages in it. Of an earlier attempt whoever had the message may speak.
 */
export async function recordReports(
  context: DeviceContext,
  take: () => readonly Reporting[],
): Promise<null[]> {
  const { storage } = context.delivery;
  const { count, committed, woken, takenBack } = await storage.write(async (tx) => {
    const taken = take();
    const applied = await apply(tx, taken, context);
    return { count: taken.length, ...applied };
  });
  committed();
  for (const id of woken) context.wakes.tell(id, { kind: 'messages' });
  for (const { deviceId, errand } of takenBack) {
    context.wakes.tell(deviceId, { kind: 'cancelled', errand });
  }
  return new Array<null>(count).fill(null);
}

async function apply(
  tx: Tx,
  reportings: readonly Reporting[],
  context: DeviceContext,
): Promise<After> {
  const named = reportings.flatMap(({ device, report }) => {
    const name = readErrandName(report.name);
    return name ? [{ device, report, ...name }] : [];
  });
  const rows = await tx.errands.lock(named.map(({ messageId }) => messageId));
  const errands = new Map(rows.map((row) => [row.messageId, row]));
  const orphans = await orphaned(context, named, errands);
  const round = new Round(tx, context);
  for (const { device, report, messageId, attempt } of named) {
    const errand = errands.get(messageId);
    if (!errand || errand.attempt < attempt || errand.accountId !== device.accountId) continue;
    const holders = errand.attempt === attempt ? [errand.deviceId] : holdersOf(errand);
    if (!holders.some((id) => id === device.id || orphans.has(id))) continue;
    if (errand.attempt === attempt) await round.report(errand, report, device);
    else await round.reportEarlier(errand, report, device);
  }
  return round.write();
}

/** Phones that have it, or had it. */
function holdersOf({ deviceId, tried }: StoredErrand): DeviceId[] {
  return [deviceId, ...tried];
}

/** Phones that have, or had, errands of which another phone speaks, and that are gone. */
async function orphaned(
  { delivery }: DeviceContext,
  named: readonly { device: StoredDevice; messageId: MessageId }[],
  errands: ReadonlyMap<MessageId, StoredErrand>,
): Promise<ReadonlySet<DeviceId>> {
  const others = new Set(
    named.flatMap(({ device, messageId }) => {
      const errand = errands.get(messageId);
      const holders = errand ? holdersOf(errand) : [];
      return holders.includes(device.id) ? [] : holders;
    }),
  );
  if (others.size === 0) return others;
  const present = await delivery.storage.read.devices.present([...others]);
  return new Set([...others].filter((id) => !present.has(id)));
}
