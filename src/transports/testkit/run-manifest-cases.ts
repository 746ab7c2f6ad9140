import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Transport } from '../transport.ts';

/** What every transport's manifest must keep. */
export function runManifestCases(
  { name, title, settings }: Transport,
  { badSettings }: { badSettings: readonly { settings: unknown; key: string }[] },
): void {
  it('has a name that fits a configuration, and a title', () => {
    expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(title).toMatch(/\S/);
  });

  it('describes each of its settings', () => {
    const { properties = {} } = z.toJSONSchema(settings, { io: 'input' });
    const bare = Object.entries(properties).filter(
      ([, property]) => typeof property === 'boolean' || !property.description,
    );
    expect(bare).toEqual([]);
  });

  const unknownKey = { settings: { noSuchSetting: 1 }, key: 'noSuchSetting' };
  it.each([...badSettings, unknownKey])('names $key, which is wrong', ({ settings: bad, key }) => {
    const result = settings.safeParse(bad);
    expect(result.success).toBe(false);
    expect(z.prettifyError(result.error as z.ZodError)).toContain(key);
  });
}
