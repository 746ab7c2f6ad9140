import { z } from 'zod';

/**
 * What follows from a status of the carrier:
 * - `throttle`: the link slows down and tries again, within the message's validity; no try is counted;
 * - `again`: the same link, `times` times with `afterSeconds` between; then as `elsewhere` (`Tries` counts);
 * - `elsewhere`: the next link of the route;
 * - `refuse`: the message is rejected.
 */
export type StatusAction =
  | { action: 'throttle' }
  | { action: 'again'; times: number; afterSeconds: number }
  | { action: 'elsewhere' }
  | { action: 'refuse' };

const again = (times: number, afterSeconds: number): StatusAction => ({
  action: 'again',
  times,
  afterSeconds,
});

/**
 * By command_status. What Kannel and Jasmin hold temporary, and what carriers' documents add to it;
 * a status that stands here neither refuses a message that a second try would deliver, nor repeats one
 * that cannot be delivered. Everything else refuses.
 */
const standard: Readonly<Record<number, StatusAction>> = {
  0x04: { action: 'elsewhere' }, // ESME_RINVBNDSTS: bound for the other direction
  0x08: again(2, 30), // ESME_RSYSERR
  0x0d: { action: 'elsewhere' }, // ESME_RBINDFAIL
  0x14: again(6, 180), // ESME_RMSGQFUL
  0x45: { action: 'elsewhere' }, // ESME_RSUBMITFAIL
  0x58: { action: 'throttle' }, // ESME_RTHROTTLED
  0x61: again(2, 300), // ESME_RINVSCHED
  0x64: again(3, 60), // ESME_RX_T_APPN
  0xff: { action: 'elsewhere' }, // ESME_RUNKNOWNERR
};

const action = z.union([
  z.enum(['throttle', 'elsewhere', 'refuse']).transform((name): StatusAction => ({ action: name })),
  z
    .strictObject({
      times: z.int().min(1).max(100),
      afterSeconds: z.number().min(1).max(86_400),
    })
    .transform(({ times, afterSeconds }) => again(times, afterSeconds)),
]);

const status = z.string().regex(/^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/, {
  message: 'must be the number of a status, such as 0x45',
});

/** The owner's own table; what it does not name stays as it is by default. */
export const actionsByStatus = z
  .record(status, action)
  .transform(
    (own) => new Map(Object.entries(own).map(([number, value]) => [Number(number), value])),
  );

/** @param own the link's own table. */
export function actionFor(
  commandStatus: number,
  own: ReadonlyMap<number, StatusAction>,
): StatusAction {
  return own.get(commandStatus) ?? standard[commandStatus] ?? { action: 'refuse' };
}
