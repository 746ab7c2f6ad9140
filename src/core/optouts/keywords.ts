/**
 * What a handset writes to be left alone, and to undo that: the list that carriers in Australia and
 * North America share (CTIA Messaging Principles 5.1.2; ACMA's "STOP"). A keyword counts only when it
 * is the whole message, as carriers do it: "stop sending the red one" is a sentence, not a wish.
 */
const stopWords = new Set([
  'STOP',
  'STOPALL',
  'STOP ALL',
  'UNSUBSCRIBE',
  'UNSUB',
  'CANCEL',
  'END',
  'QUIT',
  'OPTOUT',
  'OPT OUT',
  'OPT-OUT',
  'REMOVE',
  'REVOKE',
]);
const startWords = new Set(['START', 'UNSTOP', 'SUBSCRIBE', 'OPTIN', 'OPT IN', 'OPT-IN']);

/** Takes a reply's text; says whether it asks to stop or to start again. */
export function optoutKeyword(text: string): 'stop' | 'start' | null {
  if (text.length > 40) return null;
  const word = text
    .trim()
    .replace(/^["'“”]+|["'“”.!]+$/g, '')
    .trim()
    .replace(/\s+/g, ' ')
    .toUpperCase();
  if (stopWords.has(word)) return 'stop';
  if (startWords.has(word)) return 'start';
  return null;
}
