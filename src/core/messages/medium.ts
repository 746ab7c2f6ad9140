/**
 * What a message is carried as. A link carries some of them; a rule that does not say which it is for takes
 * `sms`.
 */
export const media = ['sms', 'mms', 'voice', 'whatsapp', 'rcs', 'viber'] as const;
export type Medium = (typeof media)[number];
