import type { AccountView } from '../../core/accounts/account.ts';
import type { Device } from '../../core/devices/device.ts';
import type { E164 } from '../../text/phone-number.ts';
import { asE164, parseNumber } from '../../text/phone-number.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Handler } from './call.ts';
import { localText } from './clocks.ts';
import { invalid, missing } from './fields.ts';
import { gatewaySid } from './guid.ts';
import { bare } from './numbers.ts';
import { isStorable } from './received.ts';

const longestLabel = 100;

/**
 * A phone under every name by which clients look for it: neither the rows nor the list are published (reference, "Unknowns").
 */
interface Mobile {
  sid: string;
  sIdentifiant: string;
  sIdentifiantPhone: string;
  sIdentifiant_pour_check: string;
  label: string;
  nom_reference: string;
  phone_number: string | null;
  battery: number | null;
  version: string | null;
  /** When it was last heard of, in local time. */
  date: string;
  online: 0 | 1;
  status: 'online' | 'offline';
}

/** `/gateway/mobile/list/` (seed): the account's phones. One that has none is shown the gateway itself. */
export const listMobiles: Handler = async (call, context) => {
  const sid = call.fields.get('sid');
  const wanted = call.fields.number('search')?.toLowerCase();
  const mobiles = (await mobilesOf(call, context)).filter(
    (one) =>
      (sid === undefined || one.sid === sid) &&
      (wanted === undefined ||
        Object.values(one).some((value) => String(value).toLowerCase().includes(wanted))),
  );
  return { result: { error: '0', mobiles } };
};

async function mobilesOf(
  { caller, settings }: Call,
  { gateway, clock }: DialectContext,
): Promise<Mobile[]> {
  const devices = await gateway.devices.list(caller);
  if (devices.length > 0) return devices.map((device) => present(device, settings));
  return [
    mobile({
      sid: gatewaySid(caller.view.account.id),
      // It must not pass for a phone that somebody could take into his hand.
      label: gateway.onlyPlays ? 'Sandbox phone (played by Parlance)' : 'Parlance (no phone)',
      number: ownNumber(caller.view),
      battery: null,
      version: null,
      date: localText(clock.now(), settings),
      online: true,
    }),
  ];
}

/** A number that is the account's alone. */
function ownNumber({ senders }: AccountView): E164 | null {
  const own = [...senders.values()].find(({ kind }) => kind === 'dedicated');
  return own ? (asE164(`+${bare(own.address)}`) ?? null) : null;
}

function present(device: Device, settings: Call['settings']): Mobile {
  const { id, label, name, number, battery, version, lastSeenAt, online } = device;
  const date = localText(lastSeenAt, settings);
  return mobile({ sid: id, label: label ?? name, number, battery, version, date, online });
}

function mobile(
  from: Pick<Device, 'number' | 'battery' | 'version' | 'online'> & {
    sid: string;
    label: string;
    date: string;
  },
): Mobile {
  const { sid, label, number, battery, version, date, online } = from;
  return {
    sid,
    sIdentifiant: sid,
    sIdentifiantPhone: sid,
    sIdentifiant_pour_check: sid,
    label,
    nom_reference: label,
    phone_number: number,
    battery,
    version,
    date,
    online: online ? 1 : 0,
    status: online ? 'online' : 'offline',
  };
}

/** `/gateway/mobile/update/` (seed: `label` is required, and may be empty). */
export const updateMobile: Handler = async ({ caller, fields }, { gateway }) => {
  const sid = fields.required('sid');
  if (fields.raw('label') === undefined) throw missing('label');
  const label = fields.get('label') ?? null;
  if (label !== null && (label.length > longestLabel || !isStorable(label))) {
    throw invalid('label', `a text of at most ${longestLabel} characters`);
  }
  const written = fields.number('phone_number');
  const number =
    written === undefined ? undefined : parseNumber(written, caller.view.account.homeCountry)?.e164;
  if (written !== undefined && !number) throw invalid('phone_number', 'a phone number');
  if (sid === gatewaySid(caller.view.account.id)) return notAPhone;
  const changed = await gateway.devices.change(caller, sid, {
    label,
    // Sent empty, it is known no more; not sent, it stays.
    ...(fields.raw('phone_number') !== undefined && { number: number ?? null }),
  });
  if (!changed) return noSuch;
  return {
    result: { error: '0', sid, label: changed.label ?? '', phone_number: changed.number },
  };
};

/** `/gateway/mobile/delete/` (seed): the phone must be enrolled again to come back. */
export const deleteMobile: Handler = async ({ caller, fields }, { gateway }) => {
  const sid = fields.required('sid');
  if (sid === gatewaySid(caller.view.account.id)) return notAPhone;
  const removed = await gateway.devices.remove(caller, sid);
  return removed ? { result: { error: '0', sid, count_delete: 1 } } : noSuch;
};

const noSuch = { result: { error: 'There is no mobile with this sid.' } };
const notAPhone = {
  result: { error: 'This is the gateway itself and no phone: it cannot be changed.' },
};
