import { createHash } from 'node:crypto';

/**
 * The page behind the link of an encrypted message, the same for all: it asks for the ciphertext when somebody wants to
 * read it and decrypts it by itself, so neither the key nor the text ever reaches the gateway. A program that looks
 * where a link leads for a preview gets this page and takes no view.
 */
const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #1c1c1c; background: #fff }
button, input { font: inherit; padding: .5rem .8rem }
input { width: 100%; box-sizing: border-box; margin: .3rem 0 .8rem }
#text { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #bbb; border-radius: .4rem; padding: 1rem }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #181818 } }
`;

/** Plain DOM and WebCrypto, of every browser since 2017. It runs in a test as it stands here. */
const script = `
'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const say = (words) => { $('note').textContent = words; };
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));
  const code = location.pathname.replace(/\\/+$/, '').split('/').pop();
  const utf8 = new TextEncoder();
  let sealed = null;

  const keyOf = async ({ kdf }, passphrase) => {
    if (!kdf) return crypto.subtle.importKey(
      'raw', bytes(location.hash.slice(1)), 'AES-GCM', false, ['decrypt']);
    const given = await crypto.subtle.importKey(
      'raw', utf8.encode(passphrase.normalize('NFC')), 'PBKDF2', false, ['deriveKey']);
    const how = { name: kdf.name, hash: kdf.hash, iterations: kdf.iterations, salt: bytes(kdf.salt) };
    return crypto.subtle.deriveKey(how, given, { name: 'AES-GCM', length: 128 }, false, ['decrypt']);
  };

  const fetchOnce = async () => {
    if (sealed) return true;
    const answer = await fetch(location.pathname, { method: 'POST', credentials: 'omit' });
    if (answer.ok) { sealed = await answer.json(); return true; }
    say(answer.status === 404
      ? 'This message is gone: it was read as often as it may be, or is too old.'
      : 'The message cannot be opened now. Please try again in a minute.');
    return false;
  };

  const open = async () => {
    $('open').disabled = true;
    try {
      if (!(await fetchOnce())) return;
      if (sealed.kdf && $('ask').hidden) {
        $('ask').hidden = false;
        $('passphrase').focus();
        say('It can be read with the passphrase that you agreed with the sender.');
        return;
      }
      const key = await keyOf(sealed, $('passphrase').value);
      const how = { name: 'AES-GCM', iv: bytes(sealed.iv), additionalData: utf8.encode(code) };
      const plain = await crypto.subtle.decrypt(how, key, bytes(sealed.data));
      $('text').textContent = new TextDecoder().decode(plain);
      $('text').hidden = false;
      $('form').hidden = true;
      say('Only you can read this: the text was decrypted on your device.');
    } catch {
      say(sealed && sealed.kdf
        ? 'This is not the passphrase. Please try again.'
        : 'The link is not whole: open it as it stands in the message, to its last character.');
    } finally {
      $('open').disabled = false;
    }
  };

  if (!globalThis.crypto || !crypto.subtle) {
    say('This browser cannot decrypt here: the page must be opened over https.');
    $('form').hidden = true;
    return;
  }
  $('form').addEventListener('submit', (event) => { event.preventDefault(); void open(); });
})();
`;

const digestOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing from elsewhere, no script but ours, and nowhere to send to but here. */
export const sealedPagePolicy = [
  "default-src 'none'",
  `script-src ${digestOf(script)}`,
  `style-src ${digestOf(style)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const sealedPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Encrypted message</title>
<style>${style}</style>
</head>
<body>
<h1>Encrypted message</h1>
<p id="note">Somebody sent you a message that only you can read. It can be opened a few times only.</p>
<form id="form">
<p id="ask" hidden><label for="passphrase">Passphrase</label>
<input id="passphrase" type="password" autocomplete="off"></p>
<button id="open">Read the message</button>
</form>
<p id="text" hidden></p>
<noscript><p>The message is decrypted on your device, which needs JavaScript.</p></noscript>
<script>${script}</script>
</body>
</html>
`;
