import { keptTemplate } from './velocity/kept.ts';
import type { Work } from './velocity/limits.ts';
import { renderTemplate } from './velocity/render.ts';
import type { Value } from './velocity/values.ts';

/** Where a URL goes, and the rest of it, which is a template. */
export function splitUrl(url: string): { origin: string; rest: string } {
  const origin = /^https?:\/\/[^/?#]*/i.exec(url)?.[0] ?? url;
  return { origin, rest: url.slice(origin.length) };
}

/**
 * The URL of one request. Whatever a handset has written cannot lead it to another host, nor out of the place in
 * the query where it stands: values are percent-encoded.
 * @throws TemplateError
 */
export function renderUrl(url: string, variables: ReadonlyMap<string, Value>, work: Work): string {
  const { origin, rest } = splitUrl(url);
  const rendered = renderTemplate(keptTemplate(rest), variables, { as: 'url', work });
  return /^(?:[/?#]|$)/.test(rendered) ? origin + rendered : `${origin}/${rendered}`;
}
