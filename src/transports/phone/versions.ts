/** The app's version as it says in each request: `me.capcom.smsgateway/1.68.0`. The stream has another client. */
const userAgent = /^me\.capcom\.smsgateway\/(\d{1,4}(?:\.\d{1,6}){1,3})/;

/** @returns undefined for another program. */
export function versionOf(header: string | undefined): string | undefined {
  return userAgent.exec(header ?? '')?.[1];
}

/** Is the app at least that version? One that is not known is taken for the oldest. */
export function isAtLeast(version: string | null, least: string): boolean {
  if (version === null) return false;
  const [has, wants] = [numbersOf(version), numbersOf(least)];
  for (const [at, want] of wants.entries()) {
    const one = has[at] ?? 0;
    if (one !== want) return one > want;
  }
  return true;
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number);
}

/** Since which version the app has what is sent to it (its source, by the first tag with each). */
export const since = {
  settings: '1.37',
  processingOrder: '1.46',
  mmsReceived: '1.47',
  mmsDownloaded: '1.56',
  appStarted: '1.66',
  cancelling: '1.67',
} as const;
