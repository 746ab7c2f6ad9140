import type { Device, DeviceSettings } from '../../core/devices/device.ts';
import { usualSettings } from '../../core/devices/device.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { settingsOf } from './settings.ts';
import type { WireSettings } from './settings-schema.ts';
import { readSettings } from './settings-schema.ts';

/** What of a phone's settings can be said here. */
type Told = Pick<DeviceSettings, 'pace' | 'pause' | 'sims' | 'pingSeconds'>;

/** `GET /settings`: those of the account's phones; of several that differ, those of the oldest. */
const show: Handler = async (call, { gateway }) => {
  const devices = await gateway.devices.list(call.caller);
  return { status: 200, body: present(devices[0], call) };
};

/** `PATCH /settings`: what is left out stays; what is null goes back to the default. For all phones alike. */
const patch: Handler = (call, context) => write(call, context, (device) => device.settings);

/** `PUT /settings`: what is left out goes back to the default. */
const put: Handler = (call, context) =>
  write(call, context, ({ settings }) => ({ ...usualSettings, pingSeconds: pingOff(settings) }));

export const deviceSettingEndpoints: readonly Endpoint[] = [
  {
    path: '/settings',
    methods: {
      GET: { scope: 'settings:read', handle: show },
      PUT: { scope: 'settings:write', handle: put },
      PATCH: { scope: 'settings:write', handle: patch },
    },
  },
];

async function write(
  call: Call,
  { gateway }: Parameters<Handler>[1],
  before: (device: Device) => Told,
): ReturnType<Handler> {
  const wanted = readSettings(call.body);
  const devices = await gateway.devices.list(call.caller);
  if (devices.length === 0) {
    throw new GatewayError(
      'invalid_request',
      'This account has no phones whose settings could be changed.',
    );
  }
  // All of them are asked for before the first is changed.
  const changes = devices.map((device) => ({ device, settings: changed(before(device), wanted) }));
  const written: Device[] = [];
  for (const { device, settings } of changes) {
    const after = await gateway.devices.change(call.caller, device.id, { settings });
    if (after) written.push(after);
  }
  return { status: 200, body: present(written[0], call) };
}

const minutesOf: Record<'PerMinute' | 'Per30Minutes' | 'PerHour' | 'PerDay', number> = {
  PerMinute: 1,
  Per30Minutes: 30,
  PerHour: 60,
  PerDay: 1440,
};

/** Takes what is set and what is wished; gives what is to be set. */
function changed(before: Told, { messages = {}, ping = {} }: WireSettings): Told {
  const { interval_seconds: pingSeconds } = ping;
  return {
    pace: paceOf(before.pace, messages),
    pause: pauseOf(before.pause, messages),
    sims: simsOf(before.sims, messages),
    pingSeconds: pingSeconds === undefined ? before.pingSeconds : (pingSeconds ?? pingOff(before)),
  };
}

type Messages = NonNullable<WireSettings['messages']>;

/** Parts count here, of which a long message has several. */
function paceOf(
  before: Told['pace'],
  { limit_period: period, limit_value: value }: Messages,
): Told['pace'] {
  if (period === undefined && value === undefined) return before;
  if (period === null && value === null) return usualSettings.pace;
  const parts = value === undefined ? (before?.parts ?? null) : value;
  if (period === 'Disabled' || parts === 0) return null;
  const minutes = period ? minutesOf[period] : (before?.minutes ?? null);
  if (parts === null || minutes === null) {
    throw new GatewayError(
      'invalid_request',
      'messages.limit_period and messages.limit_value must be given both.',
    );
  }
  return { parts, minutes };
}

/** Without a most there is none (reference §3.7). */
function pauseOf(
  before: Told['pause'],
  { send_interval_min: min, send_interval_max: max }: Messages,
): Told['pause'] {
  const most = max === undefined ? (before?.most ?? null) : max;
  const least = (min === undefined ? before?.least : min) ?? 1;
  if (most === null) return null;
  if (least > most) {
    throw new GatewayError(
      'invalid_request',
      'messages.send_interval_max must not be less than messages.send_interval_min.',
    );
  }
  return { least, most };
}

const modes = { OSDefault: 'phone', RoundRobin: 'rotation', Random: 'random' } as const;

function simsOf(before: Told['sims'], { sim_selection_mode: mode }: Messages): Told['sims'] {
  if (mode === undefined) return before;
  return mode === null ? usualSettings.sims : modes[mode];
}

/** A phone that was told to ping must be told that it need not. */
function pingOff({ pingSeconds }: Pick<Told, 'pingSeconds'>): number | null {
  return pingSeconds === null ? null : 0;
}

/** What cannot be said here, such as a limit of ten minutes, is left out. */
function present(device: Device | undefined, { caller }: Call): object {
  const webhooks = { retry_count: settingsOf(caller.view).webhookRetries };
  if (!device) return { webhooks };
  const { pace, pause, sims, pingSeconds } = device.settings;
  const period = Object.entries(minutesOf).find(([, minutes]) => minutes === pace?.minutes)?.[0];
  const mode = Object.entries(modes).find(([, one]) => one === sims)?.[0];
  return {
    messages: {
      ...(pause && { send_interval_min: pause.least, send_interval_max: pause.most }),
      ...(pace === null && { limit_period: 'Disabled' }),
      ...(pace && period && { limit_period: period, limit_value: pace.parts }),
      ...(mode && { sim_selection_mode: mode }),
    },
    ...(pingSeconds && { ping: { interval_seconds: pingSeconds } }),
    webhooks,
  };
}
