import { Tool } from './values.ts';

/** `$esc`, of the Velocity tools: a text as it may stand within one of another kind. */
export const escapeTool = new Tool([
  ['json', json],
  [
    'javascript',
    (text) => json(text).replaceAll("'", String.raw`\'`).replaceAll('/', String.raw`\/`),
  ],
  ['html', xml],
  ['xml', xml],
  ['url', urlPart],
]);

function json(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, which XML 1.0 (section 2.2) cannot hold or advises against, are left out. */
export function xml(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, '')
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
}

/** For a place in a URL, or in a form. */
export function urlPart(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
