import { webcrypto } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../test/support/world.ts';
import { createWorld } from '../../test/support/world.ts';
import type { SealedLink } from '../core/sealed-texts/sealed-texts.ts';
import { sealedPage } from './sealed-page.ts';

let world: World;
let base: string;
beforeAll(async () => {
  world = await createWorld({ dispatch: false });
  base = await world.listen();
});
afterAll(() => world.close());
beforeEach(() => world.clock.advance(61_000));

const text = 'For your eyes only: Grüße 👋';
async function sealed(passphrase: string | null = null, views = 3): Promise<SealedLink> {
  const caller = await (await world.account()).caller();
  return world.gateway.sealedTexts.seal(caller, {
    text,
    passphrase,
    scheduledAt: null,
    lifeMs: 60_000,
    views,
  });
}

/** As much of a browser as the page needs. */
interface Browser {
  note: string;
  shown: string | null;
  asks: boolean;
  /** Types the passphrase, where it is asked for, and presses the button. */
  press(passphrase?: string): Promise<void>;
  requests: string[];
}

interface Part {
  textContent: string;
  hidden: boolean;
  disabled: boolean;
  value: string;
  focus(): void;
  addEventListener(type: string, listener: (event: { preventDefault(): void }) => void): void;
}

function browse({ code, secret }: SealedLink, { secure = true } = {}): Browser {
  const parts = new Map<string, Part>();
  let submit: (event: { preventDefault(): void }) => void = () => {};
  const partOf = (id: string): Part => {
    const known = parts.get(id);
    if (known) return known;
    if (!sealedPage.includes(`id="${id}"`)) throw new Error(`the page has no ${id}`);
    const part: Part = {
      textContent: '',
      hidden: new RegExp(`id="${id}" hidden`).test(sealedPage),
      disabled: false,
      value: '',
      focus: () => {},
      addEventListener: (_type, listener) => {
        submit = listener;
      },
    };
    parts.set(id, part);
    return part;
  };
  const requests: string[] = [];
  let underWay = 0;
  const globals: Record<string, unknown> = {
    document: { getElementById: partOf },
    location: { pathname: `/e/${code}`, hash: secret ?? '' },
    crypto: secure ? webcrypto : undefined,
    fetch: async (path: string, how: RequestInit) => {
      requests.push(`${how.method ?? 'GET'} ${path}`);
      return fetch(base + path, how);
    },
    atob,
    TextEncoder,
    TextDecoder,
    Uint8Array,
  };
  const script = /<script>([\s\S]*)<\/script>/.exec(sealedPage)?.[1] ?? '';
  runInContext(script, createContext(globals));
  return {
    get note() {
      return partOf('note').textContent;
    },
    get shown() {
      return partOf('text').hidden ? null : partOf('text').textContent;
    },
    get asks() {
      return !partOf('ask').hidden;
    },
    requests,
    async press(passphrase = '') {
      partOf('passphrase').value = passphrase;
      underWay += 1;
      submit({ preventDefault: () => {} });
      // The button rests while something is under way.
      while (partOf('open').disabled) await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      expect(underWay).toBe(0);
    },
  };
}

describe('the page behind a link', () => {
  it('decrypts with the key that stands in the link, which it sends nowhere', async () => {
    const link = await sealed();
    expect(link.url + link.secret).toMatch(/^https:\/\/sms\.example\/e\/\w{8}#[\w-]{22}$/);
    const browser = browse(link);
    expect(browser.requests).toEqual([]);
    await browser.press();
    expect(browser.shown).toBe(text);
    expect(browser.requests).toEqual([`POST /e/${link.code}`]);
  });

  it('asks for a passphrase where one was agreed, and for the ciphertext once', async () => {
    const browser = browse(await sealed('open, sesame'));
    await browser.press();
    expect(browser).toMatchObject({ asks: true, shown: null });
    await browser.press('open, barley');
    expect(browser.note).toBe('This is not the passphrase. Please try again.');
    await browser.press('open, sesame');
    expect(browser.shown).toBe(text);
    expect(browser.requests).toHaveLength(1);
  });

  it('says what is wrong with a link that was cut short', async () => {
    const link = await sealed();
    const browser = browse({ ...link, secret: link.secret?.slice(0, -1) ?? '' });
    await browser.press();
    expect(browser.note).toMatch(/^The link is not whole/);
    expect(browser.shown).toBeNull();
  });

  it('says so when it was opened too often', async () => {
    const link = await sealed(null, 1);
    await browse(link).press();
    const browser = browse(link);
    await browser.press();
    expect(browser.note).toMatch(/^This message is gone/);
  });

  it('says so where a browser does not decrypt', async () => {
    expect(browse(await sealed(), { secure: false }).note).toMatch(/over https/);
  });

  it('is the same for everybody, takes no view, and lets nothing in or out', async () => {
    const link = await sealed(null, 1);
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await world.inject({ method, url: `/e/${link.code}` });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toBe(method === 'GET' ? sealedPage : '');
      const policy = String(answer.headers['content-security-policy']);
      expect(policy).toMatch(
        /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-/,
      );
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
      });
    }
    expect((await world.inject({ method: 'GET', url: '/e/nothing1' })).body).toBe(sealedPage);
    expect(sealedPage).not.toMatch(/(src|href)=|\son\w+="|https?:\/\//);
    expect((await world.inject({ method: 'POST', url: `/e/${link.code}` })).statusCode).toBe(200);
  });

  it('lets nobody guess codes', async () => {
    const statuses = new Set<number>();
    for (let guess = 0; guess < 40; guess++) {
      const url = `/e/guess${String(guess).padStart(3, '2')}`;
      statuses.add((await world.inject({ method: 'POST', url })).statusCode);
    }
    expect([...statuses]).toEqual([404, 429]);
  });

  it('has one of two who ask for the last view', async () => {
    const { code } = await sealed(null, 1);
    const answers = await Promise.all(
      [1, 2, 3].map(() => world.inject({ method: 'POST', url: `/e/${code}` })),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
  });
});
