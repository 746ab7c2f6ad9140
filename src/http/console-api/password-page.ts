import { createHash } from 'node:crypto';
import { longestPassword, shortestPassword } from '../../core/users/password.ts';
import { ownHeader } from './same-site.ts';

/** The token stands behind the `#`, which no server is sent; what was typed goes to the one that sent this page. */
const script = `
'use strict';
const [purpose = '', token = ''] = location.hash.slice(1).split('=');
const paths = { activation: 'activation', reset: 'password-reset' };
const form = document.querySelector('form');
const note = document.querySelector('output');
if (paths[purpose] === undefined) {
  note.value = 'This link is not whole. Open it as it stands in the mail.';
} else {
  form.hidden = false;
}
history.replaceState(null, '', location.pathname);
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const password = form.elements.password.value;
  if (password !== form.elements.again.value) {
    note.value = 'The two are not the same.';
    return;
  }
  note.value = 'One moment …';
  try {
    const answer = await fetch(paths[purpose], {
      method: 'POST',
      headers: { 'content-type': 'application/json', '${ownHeader}': '1' },
      body: JSON.stringify({ token, password }),
    });
    if (answer.ok) {
      form.hidden = true;
      note.value = 'Done: this is your password now.';
    } else {
      note.value = (await answer.json()).error.message;
    }
  } catch {
    note.value = 'The gateway cannot be reached. Please try again.';
  }
});
`;

const style = `
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem; }
label, button, output { display: block; margin-top: 1rem; }
input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: 0.4rem; }
button { font: inherit; padding: 0.4rem 1rem; }
`;

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but this page's own script and style runs, and it talks to nobody but us. */
export const passwordPagePolicy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;

/** Where the links in mails lead: a password is chosen, the first or another one. */
export const passwordPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Choose a password</title>
<style>${style}</style>
</head>
<body>
<h1>Choose a password</h1>
<form hidden>
<label>Password, ${shortestPassword} characters at least
<input name="password" type="password" autocomplete="new-password" minlength="${shortestPassword}" maxlength="${longestPassword}" required autofocus></label>
<label>Once more
<input name="again" type="password" autocomplete="new-password" required></label>
<button>Choose it</button>
</form>
<output></output>
<script>${script}</script>
</body>
</html>
`;
