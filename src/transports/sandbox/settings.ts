import { z } from 'zod';

/** A day: longer than anyone waits for a sandbox, and well within what a timer can hold. */
const longestDelayMs = 86_400_000;

export const sandboxSettings = z.strictObject({
  window: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe('How many parts may be on their way to the sandbox at once.'),
  receiptDelayMs: z
    .int()
    .min(0)
    .max(longestDelayMs)
    .default(50)
    .describe('How long after a hand-over its receipt comes, where the number asks for no other.'),
  latencyMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(0)
    .describe('How long the sandbox takes to answer a hand-over.'),
  pendingLimit: z
    .int()
    .min(1)
    .max(10_000_000)
    // About 300 bytes each, measured: 60 MB at worst. It is 40 s of receipts at 5 000 a second.
    .default(200_000)
    .describe(
      'How many receipts and replies may be pending; beyond that hand-overs are throttled.',
    ),
  journal: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'A file, relative to the data folder, that gets one JSON line for each hand-over. One a link.',
    ),
});

export type SandboxSettings = z.infer<typeof sandboxSettings>;
