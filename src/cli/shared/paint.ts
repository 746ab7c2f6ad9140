import { styleText } from 'node:util';
import type { CliContext } from '../context.ts';

type Brush = (text: string) => string;

/** Colours, or none. */
export interface Paint {
  bold: Brush;
  dim: Brush;
  good: Brush;
  doubtful: Brush;
  bad: Brush;
  none: Brush;
}

/**
 * Colours for a terminal that has them and an owner who wants them: none in a pipe, with NO_COLOR
 * (no-color.org: set and not empty) or with TERM=dumb.
 */
export function createPaint({ out, env = process.env }: Pick<CliContext, 'out' | 'env'>): Paint {
  const coloured = out.isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const brush = (style: Parameters<typeof styleText>[0]): Brush =>
    coloured ? (text) => styleText(style, text, { validateStream: false }) : (text) => text;
  return {
    bold: brush('bold'),
    dim: brush('dim'),
    good: brush('green'),
    doubtful: brush('yellow'),
    bad: brush('red'),
    none: (text) => text,
  };
}
