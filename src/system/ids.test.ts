import { afterEach, describe, expect, it, vi } from 'vitest';
import { createIds } from './ids.ts';

afterEach(() => void vi.useRealTimers());

describe('ids', () => {
  it('are UUIDs of version 7, each later one sorting after', () => {
    const ids = createIds();
    const made = Array.from({ length: 10_000 }, () => ids.next<string>());
    expect(made[0]).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it('go on in order when the clock is set back', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 2) });
    const ids = createIds();
    const before = ids.next<string>();
    vi.setSystemTime(Date.UTC(2026, 0, 1));
    expect(ids.next<string>() > before).toBe(true);
  });

  it('secrets are as long as asked, and never the same', () => {
    const { secret } = createIds();
    expect(Buffer.from(secret(24), 'base64url')).toHaveLength(24);
    expect(secret(24)).toMatch(/^[\w-]{32}$/);
    expect(secret(24)).not.toBe(secret(24));
  });
});
