import { fillIn, placesOf, valuesIn } from '../../text/template.ts';
import type { Caller } from '../accounts/authenticate.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, TemplateId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Page, Storage, Tx } from '../ports/storage.ts';
import { senderKey } from '../senders/sender.ts';
import type { Template, TemplateBlock } from './template.ts';

/** What an account says of a template. */
export type TemplateWish = Pick<Template, 'name' | 'body' | 'sender'> &
  Partial<Pick<Template, 'externalId' | 'type' | 'status'>>;

/** By what it is sent. */
export type TemplateKey = { id: string } | { alias: string };

const mostTemplates = 5_000;
const mostBlocks = 100_000;
/** Of one sender so many are looked at, the newest first. */
const mostMatched = 500;
const longestBody = 2_000;
const longestName = 200;
const clearedAtOnce = 1_000;

/** The texts of accounts that have places for data. */
export class Templates {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor({ storage, clock, ids }: { storage: Storage; clock: Clock; ids: Ids }) {
    this.#storage = storage;
    this.#clock = clock;
    this.#ids = ids;
  }

  /**
   * Writes one down; its alias is made of its name.
   * @throws GatewayError `invalid_request` for what is too long or empty, or when the account has too many.
   */
  async add({ view }: Caller, wish: TemplateWish): Promise<Template> {
    check(wish);
    const now = this.#clock.now();
    const id = this.#ids.next<TemplateId>();
    const { id: accountId } = view.account;
    return this.#storage.write(async (tx) => {
      // Of two that get the same name at once, the second sees the first one's alias.
      await tx.accounts.lockBalances([accountId]);
      if ((await tx.templates.count(accountId)) >= mostTemplates) throw tooMany(mostTemplates);
      const template: Template = {
        externalId: null,
        type: null,
        status: 'approved',
        ...wish,
        id,
        accountId,
        alias: await freeAlias(tx, accountId, aliasOf(wish.name)),
        createdAt: now,
        changedAt: now,
      };
      await tx.templates.insert(template);
      return template;
    });
  }

  /** @throws GatewayError `not_found`, and as `add`. */
  async change({ view }: Caller, id: TemplateId, to: Partial<TemplateWish>): Promise<Template> {
    const now = this.#clock.now();
    return this.#storage.write(async (tx) => {
      const template = await tx.templates.lock(view.account.id, id);
      if (!template) throw unknown();
      const changed: Template = { ...template, ...to, changedAt: now };
      check(changed);
      await tx.templates.save(changed);
      return changed;
    });
  }

  /** @throws GatewayError `not_found`. */
  async remove({ view }: Caller, id: TemplateId): Promise<void> {
    const removed = await this.#storage.write((tx) => tx.templates.remove(view.account.id, id));
    if (!removed) throw unknown();
  }

  /** @returns undefined when the caller has none by this id or alias. */
  find({ view }: Caller, key: TemplateKey): Promise<Template | undefined> {
    const { templates } = this.#storage.read;
    return 'id' in key
      ? templates.find(view.account.id, key.id as TemplateId)
      : templates.findByAlias(view.account.id, key.alias);
  }

  /** The caller's, newest first; with `name` those that have it in theirs. */
  async list(
    { view }: Caller,
    which: Page & { name?: string | undefined },
  ): Promise<{ items: Template[]; total: number }> {
    const { templates } = this.#storage.read;
    const [items, total] = await Promise.all([
      templates.list(view.account.id, which),
      templates.count(view.account.id, which),
    ]);
    return { items, total };
  }

  /** The names of a template's places. */
  placesOf({ body }: Pick<Template, 'body'>): string[] {
    return placesOf(body);
  }

  /** @returns its text, or the names that the data has nothing for. */
  render(
    { body }: Pick<Template, 'body'>,
    data: Readonly<Record<string, string>>,
  ): ReturnType<typeof fillIn> {
    return fillIn(body, data);
  }

  /** Whether a text can have come of a template. */
  matches({ body }: Pick<Template, 'body'>, text: string): boolean {
    return valuesIn(body, text) !== null;
  }

  /** The caller's newest approved template for a sender that a text can have come of. */
  async matching({ view }: Caller, sender: string, text: string): Promise<Template | undefined> {
    const { templates } = this.#storage.read;
    const found = await templates.ofSender(view.account.id, senderKey(sender), mostMatched);
    return found.find((template) => this.matches(template, text));
  }

  /** Whether the caller must not send by this template of a register. */
  async isBlocked({ view }: Caller, externalId: string): Promise<boolean> {
    const { blocks } = this.#storage.read.templates;
    return (await blocks.findExternal(view.account.id, externalId))?.active === 1;
  }

  /**
   * Blocks templates of a register, or unblocks them again.
   * @throws GatewayError `invalid_request` for what is no id, or when there are too many.
   */
  async block(
    { view }: Caller,
    wishes: readonly Pick<TemplateBlock, 'externalId' | 'active'>[],
  ): Promise<TemplateBlock[]> {
    const { id: accountId } = view.account;
    const createdAt = this.#clock.now();
    const byId = new Map(wishes.map(({ externalId, active }) => [externalId, active]));
    const blocks = [...byId].map(([externalId, active]): TemplateBlock => {
      if (!isText(externalId, longestName)) throw bad('template_id', 'The template id is no id.');
      return { id: this.#ids.next(), accountId, externalId, active, createdAt };
    });
    return this.#storage.write(async (tx) => {
      const count = await tx.templates.blocks.count(accountId);
      if (count + blocks.length > mostBlocks) throw tooMany(mostBlocks);
      return tx.templates.blocks.put(blocks);
    });
  }

  findBlock({ view }: Caller, id: TemplateId): Promise<TemplateBlock | undefined> {
    return this.#storage.read.templates.blocks.find(view.account.id, id);
  }

  /** The caller's, newest first. */
  async blocks({ view }: Caller, page: Page): Promise<{ items: TemplateBlock[]; total: number }> {
    const { blocks } = this.#storage.read.templates;
    const { id } = view.account;
    const [items, total] = await Promise.all([blocks.list(id, page), blocks.count(id)]);
    return { items, total };
  }

  /** @throws GatewayError `not_found`. */
  async unblock({ view }: Caller, id: TemplateId): Promise<void> {
    const { id: accountId } = view.account;
    const removed = await this.#storage.write((tx) => tx.templates.blocks.remove(accountId, id));
    if (!removed) throw unknown();
  }

  async clearBlocks({ view }: Caller): Promise<void> {
    const { id } = view.account;
    const some = () => this.#storage.write((tx) => tx.templates.blocks.clear(id, clearedAtOnce));
    while ((await some()) === clearedAtOnce);
  }
}

function check({ name, body, sender, externalId, type }: TemplateWish): void {
  if (!isText(name, longestName)) throw bad('name', 'The template has no name, or too long a one.');
  if (!isText(body, longestBody)) throw bad('body', 'The template has no body, or too long a one.');
  if (!isText(sender, longestName)) throw bad('sender', 'The template has no sender.');
  if (typeof externalId === 'string' && !isText(externalId, longestName)) {
    throw bad('template_id', 'The template id is no id.');
  }
  if (typeof type === 'string' && !isText(type, longestName))
    throw bad('type', 'The type is none.');
}

function isText(text: string, longest: number): boolean {
  return (
    text.trim() !== '' && text.length <= longest && text.isWellFormed() && !text.includes('\0')
  );
}

const bad = (field: string, detail: string) =>
  new GatewayError('invalid_request', detail, { field });
const tooMany = (most: number) =>
  new GatewayError('invalid_request', `The account has ${most} of these already.`);
const unknown = () => new GatewayError('not_found', 'There is no such template.');

/** As names are written in URLs: small letters, digits and dashes. */
export function aliasOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    // Accents. The marks of other scripts are half of their letters.
    .replaceAll(/[\u0300-\u036f]+/g, '')
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? 'template' : plain;
}

async function freeAlias(tx: Tx, accountId: AccountId, wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const alias = number === 1 ? wanted : `${wanted}-${number}`;
    if (!(await tx.templates.aliasTaken(accountId, alias))) return alias;
  }
}
