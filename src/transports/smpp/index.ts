import type { Transport } from '../transport.ts';
import { SmppLink } from './link.ts';
import { type SmppSettings, smppSettings } from './settings.ts';

/** Carriers over SMPP 3.4, also 3.3 and 5.0. */
export const smpp: Transport<SmppSettings> = {
  name: 'smpp',
  title: 'SMPP (a carrier)',
  media: ['sms'],
  settings: smppSettings,
  create: (id, settings, context) => new SmppLink(id, settings, context),
};
