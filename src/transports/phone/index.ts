import type { Transport } from '../transport.ts';
import { PhoneLink } from './link.ts';
import { phoneRoutes } from './routes.ts';
import { type PhoneSettings, phoneSettings } from './settings.ts';

export { devicePolicyOf } from './settings.ts';

/** Accounts' own Android phones, with the app SMSGate ("SMS Gateway for Android"). */
export const phone: Transport<PhoneSettings> = {
  name: 'phone',
  title: 'Phones (Android, with the app SMSGate)',
  media: ['sms'],
  devices: true,
  settings: phoneSettings,
  create: (id, settings, context) => new PhoneLink(id, settings, context),
  routes: phoneRoutes,
};
