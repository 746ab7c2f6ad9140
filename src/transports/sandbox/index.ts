import type { Transport } from '../transport.ts';
import { SandboxLink } from './link.ts';
import { type SandboxSettings, sandboxSettings } from './settings.ts';

/** Plays a carrier and its handsets; what becomes of a message its destination's last digit says. */
export const sandbox: Transport<SandboxSettings> = {
  name: 'sandbox',
  title: 'Sandbox (a carrier and handsets that are played)',
  media: ['sms', 'mms', 'voice', 'whatsapp', 'rcs', 'viber'],
  simulator: true,
  settings: sandboxSettings,
  create: (id, settings, context) => new SandboxLink(id, settings, context),
};
