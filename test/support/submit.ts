import type { Message } from '../../src/core/messages/message.ts';
import type { OutgoingMessage } from '../../src/core/messages/prepare.ts';
import type { World } from './world.ts';
import type { WorldAccount } from './world-account.ts';

/** Sends texts, each to a number of its own, past all dialects. @throws Error for one that is refused. */
export async function submitTexts(
  { gateway }: World,
  account: WorldAccount,
  texts: readonly string[],
  scheduledAt: number | null = null,
  more: Pick<OutgoingMessage, 'product' | 'tags' | 'shorten' | 'metadata'> = {},
): Promise<Message[]> {
  const outcome = await gateway.submit({
    caller: await account.caller(),
    messages: texts.map((text, index) => ({
      to: `04${12_000_000 + index}`,
      text,
      sender: 'CompanyABC',
      scheduledAt,
      ...more,
      limits: { alphabet: 'any', characters: 2_000, parts: 20 },
    })),
  });
  if (outcome.kind !== 'done') throw new Error('replayed');
  return outcome.result.verdicts.map((verdict) => {
    if (!verdict.ok) throw new Error(verdict.error.detail);
    return verdict.message;
  });
}

/** Sends one text. */
export async function submitText(
  world: World,
  account: WorldAccount,
  text = 'Hello',
  scheduledAt: number | null = null,
): Promise<Message> {
  const [message] = await submitTexts(world, account, [text], scheduledAt);
  return message as Message;
}

/** A message as it is on disk. */
export async function storedMessage(world: World, { id }: Pick<Message, 'id'>): Promise<Message> {
  const message = await world.storage.read.messages.findAny(id);
  if (!message) throw new Error(`no message ${id}`);
  return message;
}
