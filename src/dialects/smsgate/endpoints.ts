import type { Endpoint } from './call.ts';
import { cancelEndpoints } from './cancel.ts';
import { deviceSettingEndpoints } from './device-settings.ts';
import { deviceEndpoints } from './devices.ts';
import { inboxEndpoints } from './inbox.ts';
import { lookupEndpoints } from './lookup.ts';
import { sendEndpoints } from './send.ts';
import { tokenEndpoints } from './tokens.ts';
import { webhookEndpoints } from './webhooks.ts';

/** All of the API, one line for each module. A path may come several times, each time with other methods. */
export const endpoints: readonly Endpoint[] = [
  ...sendEndpoints,
  ...lookupEndpoints,
  ...cancelEndpoints,
  ...deviceEndpoints,
  ...webhookEndpoints,
  ...deviceSettingEndpoints,
  ...inboxEndpoints,
  ...tokenEndpoints,
];

/** The reference server has all of it under `/api` as well (reference §11). */
export const bases = ['/3rdparty/v1', '/api/3rdparty/v1'] as const;
