/**
 * Guesses which name was meant: `; did you mean …?`, or nothing.
 * @param written what stands there instead.
 * @param names those there are, likelier ones first. One that ends in what was written (`http.port`
 * for `port`) is preferred to one that looks like it.
 * @param before what to put before the guess.
 */
export function didYouMean(written: string, names: readonly string[], before = ''): string {
  const meant = sameEnd(written, names) ?? nearest(written, names);
  return meant === undefined ? '' : `; did you mean ${before}${meant}?`;
}

function sameEnd(written: string, names: readonly string[]): string | undefined {
  const end = written.toLowerCase();
  return names
    .filter(
      (name) => name.toLowerCase().endsWith(`.${end}`) || name.toLowerCase().endsWith(`_${end}`),
    )
    .toSorted((a, b) => a.length - b.length)[0];
}

/** Case, dashes, dots and underscores do not count. */
function nearest(written: string, names: readonly string[]): string | undefined {
  const wanted = plain(written);
  // A third of the letters wrong is no slip any more; nor is input of any length worth the work.
  let best = Math.min(4, Math.ceil(wanted.length / 3)) + 1;
  let found: string | undefined;
  if (wanted.length > 100) return undefined;
  for (const name of names) {
    const distance = editDistance(wanted, plain(name));
    if (distance < best) {
      best = distance;
      found = name;
    }
  }
  return found;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, '');
}

/** Letters to add, drop, change, or swap with the next one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
