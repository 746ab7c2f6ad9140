import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClock } from './clock.ts';

const day = 24 * 60 * 60 * 1000;

describe('the clock', () => {
  it('tells the time', () => {
    expect(Math.abs(createClock().now() - Date.now())).toBeLessThan(1000);
  });

  it('never runs a task early', async () => {
    const clock = createClock();
    for (const delay of [0, 0.4, 1, 2.5, 7]) {
      const start = performance.now();
      await new Promise<void>((resolve) => void clock.after(delay, resolve));
      expect(performance.now() - start).toBeGreaterThanOrEqual(delay);
    }
  });

  it('does not keep the process alive', () => {
    const made = vi.spyOn(globalThis, 'setTimeout');
    createClock().after(day, () => {});
    const timer = made.mock.results[0]?.value as NodeJS.Timeout;
    made.mockRestore();
    expect(timer.hasRef()).toBe(false);
    clearTimeout(timer);
  });
});

describe('a timer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('may be longer than setTimeout can', async () => {
    const task = vi.fn();
    createClock().after(100 * day, task);
    await vi.advanceTimersByTimeAsync(100 * day - 1);
    expect(task).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(task).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(200 * day);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it.each([0, 10, 99 * day])('is cancelled after %i ms', async (elapsed) => {
    const task = vi.fn();
    const timer = createClock().after(100 * day, task);
    await vi.advanceTimersByTimeAsync(elapsed);
    timer.cancel();
    await vi.advanceTimersByTimeAsync(200 * day);
    expect(task).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs at once, but not within the call, when its time has passed', async () => {
    const task = vi.fn();
    createClock().after(-5, task);
    expect(task).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(task).toHaveBeenCalledTimes(1);
  });
});
