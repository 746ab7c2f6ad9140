/** A database's URL as it may be shown and kept: without a password, and without what stands after `?`. */
export function placeName(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  shown.search = '';
  shown.hash = '';
  return shown.href;
}
