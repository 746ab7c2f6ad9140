import type { DeviceId } from '../ids.ts';
import type { Sender } from '../senders/sender.ts';
import { senderKey } from '../senders/sender.ts';
import type { DeviceAddress, MessageDevice } from './device.ts';
import { mostSims, phoneSender } from './device.ts';

/**
 * By which phone a message goes: the one that its client names, or else the one whose number it shows. Whoever
 * answers writes to that number, and no other way out may show it, so the rules of the routing table have no say.
 *
 * @param asked as `OutgoingMessage.device`.
 * @returns null: by whatever way the rules say; undefined: by a phone or SIM that its account does not have.
 */
export function deviceFor(
  asked: { id: string | null; sim: number | null } | null | undefined,
  { address, kind }: Pick<Sender, 'address' | 'kind'>,
  devices: readonly DeviceAddress[],
): MessageDevice | null | undefined {
  const shown = deviceOfNumber(address, devices);
  if (!asked) {
    const anyPhone = kind === 'shared' && address === phoneSender;
    return shown ?? (anyPhone ? { id: null, sim: null } : null);
  }
  const { id, sim } = asked;
  if (sim !== null && !(Number.isInteger(sim) && sim >= 1 && sim <= mostSims)) return undefined;
  if (id === null) return shown ? { ...shown, sim: sim ?? shown.sim } : { id, sim };
  if (!devices.some((device) => device.id === id)) return undefined;
  const ofNumber = shown?.id === id ? shown.sim : null;
  return { id: id as DeviceId, sim: sim ?? ofNumber };
}

/** The phone, and where one is known the SIM, of a number. */
function deviceOfNumber(
  address: string,
  devices: readonly DeviceAddress[],
): MessageDevice | undefined {
  if (!/^\+?\d+$/.test(address)) return undefined;
  const key = senderKey(address);
  for (const { id, number, sims } of devices) {
    const own = sims.find((sim) => sim.number !== null && senderKey(sim.number) === key);
    if (own) return { id, sim: own.sim };
    if (number !== null && senderKey(number) === key) return { id, sim: null };
  }
  return undefined;
}
