import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';
import { passwordPage } from './password-page.ts';

/** The page's own script, in a browser of a few lines. */
async function open(hash: string, answer: { ok: boolean; message?: string } | Error) {
  const script = /<script>([^]*)<\/script>/.exec(passwordPage)?.[1] ?? '';
  const form = {
    hidden: true,
    elements: { password: { value: '' }, again: { value: '' } },
    listener: async (_event: object) => {},
    addEventListener(_name: string, listener: (event: object) => Promise<void>) {
      form.listener = listener;
    },
  };
  const note = { value: '' };
  const asked: { path: string; headers: Record<string, string>; body: unknown }[] = [];
  const shown: string[] = [];
  const context = createContext({
    location: { hash, pathname: '/api/console/password' },
    history: { replaceState: (_state: unknown, _title: string, path: string) => shown.push(path) },
    document: { querySelector: (name: string) => (name === 'form' ? form : note) },
    fetch: async (
      path: string,
      { headers, body }: { headers: Record<string, string>; body: string },
    ) => {
      asked.push({ path, headers, body: JSON.parse(body) });
      if (answer instanceof Error) throw answer;
      return { ok: answer.ok, json: async () => ({ error: { message: answer.message } }) };
    },
  });
  runInContext(script, context);
  const choose = async (password: string, again = password) => {
    form.elements.password.value = password;
    form.elements.again.value = again;
    await form.listener({ preventDefault: () => {} });
  };
  return { form, note, asked, shown, choose };
}

it.each([
  ['#activation=abc-_1', 'activation'],
  ['#reset=abc-_1', 'password-reset'],
])('%s is brought to %s with what was typed', async (hash, path) => {
  const page = await open(hash, { ok: true });
  expect(page.form.hidden).toBe(false);
  // The token does not stay in the address bar, nor in the history.
  expect(page.shown).toEqual(['/api/console/password']);
  await page.choose('a long enough password');
  expect(page.asked).toEqual([
    {
      path,
      headers: { 'content-type': 'application/json', 'x-parlance-console': '1' },
      body: { token: 'abc-_1', password: 'a long enough password' },
    },
  ]);
  expect(page.form.hidden).toBe(true);
  expect(page.note.value).toMatch(/^Done/);
});

it('says what is wrong', async () => {
  const refused = await open('#reset=x', { ok: false, message: 'Too short.' });
  await refused.choose('one', 'another');
  expect(refused.note.value).toBe('The two are not the same.');
  expect(refused.asked).toEqual([]);
  await refused.choose('one');
  expect(refused.note.value).toBe('Too short.');
  expect(refused.form.hidden).toBe(false);
  const away = await open('#reset=x', new Error('no network'));
  await away.choose('one');
  expect(away.note.value).toMatch(/cannot be reached/);
  const broken = await open('', { ok: true });
  expect(broken.form.hidden).toBe(true);
  expect(broken.note.value).toMatch(/not whole/);
});
