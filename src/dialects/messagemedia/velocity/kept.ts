import { BoundedMap } from '../../../core/bounded-map.ts';
import type { Template } from './parse.ts';
import { parseTemplate } from './parse.ts';

/** Those that the largest texts make take 0.8 MB each; usual ones some kilobytes. */
const mostKept = 100;
const kept = new BoundedMap<string, Template>(mostKept);

/**
 * A template that was read, kept for the next time: one is rendered for each thing that is told.
 * @throws TemplateError for what `parseTemplate` refuses.
 */
export function keptTemplate(text: string): Template {
  const template = kept.get(text) ?? parseTemplate(text);
  kept.set(text, template);
  return template;
}
