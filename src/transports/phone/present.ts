import type { DeviceNews } from '../../core/devices/device-news.ts';
import type { StoredDevice } from '../../core/devices/device.ts';
import { errandName } from '../../core/devices/errand.ts';
import type { Handout } from '../../core/devices/pull.ts';
import { formatIso } from '../../text/instant.ts';
import { isAtLeast, since } from './versions.ts';

/*
 * What phones are told. Instants have exactly three digits of the second's fraction: with more the app reads
 * another instant.
 */

/** A message as a phone is given it. One recipient each: many phones fail at more than ten. */
export function presentMessage({ errand, message, text }: Handout) {
  return {
    id: errandName(errand),
    // What apps before 1.39 read.
    message: text,
    textMessage: { text },
    phoneNumbers: [message.destination],
    ...(errand.sim !== null && { simNumber: errand.sim }),
    withDeliveryReport: true,
    isEncrypted: false,
    validUntil: formatIso(errand.expiresAt),
    scheduleAt: null,
    priority: Math.max(-128, Math.min(127, Math.trunc(errand.priority))),
    state: errand.state === 'cancelling' ? 'Cancelling' : 'Pending',
    createdAt: formatIso(message.createdAt),
  };
}

/** Older apps do not read the state: what is to be taken back they would send. */
export function knowsTakingBack({ version }: StoredDevice): boolean {
  return isAtLeast(version, since.cancelling);
}

/** What a phone tells at its hook, by its version: an event that it does not know would break all of them. */
export function presentHooks({ id, version }: StoredDevice, url: string) {
  const events = [
    'sms:received',
    'sms:sent',
    'sms:delivered',
    'sms:failed',
    'system:ping',
    ...(isAtLeast(version, since.mmsDownloaded)
      ? ['mms:downloaded']
      : isAtLeast(version, since.mmsReceived)
        ? ['mms:received']
        : []),
    ...(isAtLeast(version, since.appStarted) ? ['app:started'] : []),
    ...(isAtLeast(version, since.cancelling) ? ['sms:cancelled'] : []),
  ];
  // Ids that stay: the app tells its user of a new one.
  return events.map((event) => ({ id: `parlance-${event}`, deviceId: id, url, event }));
}

const simModes = { rotation: 'RoundRobin', random: 'Random' } as const;

/**
 * The settings of a phone, the same each time: the app tells its user of a change. What is left out stays there as it is;
 * null takes back what it was told.
 */
export function presentSettings({ settings, version }: StoredDevice, signingKey: string) {
  const { pause, sims, pingSeconds, told = [] } = settings;
  const mode = sims === 'rotation' || sims === 'random' ? simModes[sims] : null;
  const messages = {
    ...((pause || told.includes('pause')) && {
      send_interval_min: pause?.least ?? null,
      send_interval_max: pause?.most ?? null,
    }),
    ...((mode || told.includes('sims')) && { sim_selection_mode: mode }),
    // By itself the app sends the newest first.
    ...(isAtLeast(version, since.processingOrder) && { processing_order: 'FIFO' }),
  };
  return {
    ...(Object.keys(messages).length > 0 && { messages }),
    ...(pingSeconds !== null && { ping: { interval_seconds: pingSeconds || null } }),
    webhooks: { signing_key: signingKey },
  };
}

export function presentDevice({ id, name, createdAt, lastSeenAt, sims }: StoredDevice) {
  const seenAt = formatIso(Math.max(lastSeenAt, createdAt));
  return {
    id,
    name,
    createdAt: formatIso(createdAt),
    updatedAt: seenAt,
    lastSeen: seenAt,
    simCards: sims.map(({ slot, sim, number, carrier }) => ({
      slotIndex: slot,
      simNumber: sim,
      ...(number !== null && { phoneNumber: number }),
      ...(carrier !== null && { carrierName: carrier }),
    })),
  };
}

/** News as phones are woken with it, through either channel; null: there is nothing to tell. */
export function presentNews(
  news: DeviceNews,
): { event: string; data: Readonly<Record<string, string>> | null } | null {
  switch (news.kind) {
    case 'messages':
      return { event: 'MessageEnqueued', data: null };
    case 'cancelled':
      return { event: 'MessageCancelled', data: { messageId: news.errand } };
    case 'settings':
      return { event: 'SettingsUpdated', data: null };
    case 'hooks':
      return { event: 'WebhooksUpdated', data: null };
    case 'inbox': {
      const [from, until] = [formatIso(news.since), formatIso(news.until)];
      return {
        event: 'MessagesExportRequested',
        data: {
          since: from,
          until,
          messageTypes: 'SMS',
          webhookDelivery: 'Individual',
          triggerWebhooks: 'true',
        },
      };
    }
    case 'push':
    case 'gone':
      return null;
  }
}
