import type { Config } from '../config/load.ts';
import type { Gateway } from '../core/gateway.ts';
import { fromCredits } from '../core/money.ts';
import type { Dialect } from '../dialects/dialect.ts';

/**
 * Makes the demo account of every dialect, where it is not there yet: credentials that anyone may
 * know, so the caller must see to it that the gateway listens on loopback only.
 */
export async function makeDemoAccounts(
  gateway: Gateway,
  dialects: readonly Dialect[],
  accounts: Config['accounts'],
): Promise<void> {
  for (const { name, demo } of dialects) {
    if (await gateway.owner.findAccount(demo.name)) continue;
    const account = await gateway.owner.createAccount({
      name: demo.name,
      homeCountry: accounts.homeCountry,
      allowedCountries: accounts.allowedCountries,
      pricePerPart: fromCredits(accounts.pricePerPart),
      refundPolicy: accounts.refund,
      duplicateWindowMs: accounts.duplicateWindowSeconds * 1000,
      settings: {},
    });
    await gateway.owner.issueCredential(account.id, { dialect: name, ...demo.credential });
    for (const { address, kind } of demo.senders) {
      await gateway.senders.add(account.id, address, { kind });
    }
    await gateway.owner.topUp(account.id, fromCredits(demo.credits), 'demo');
  }
}

/** What a newcomer reads at the start of the demo: where it is, and a line to paste for each dialect. */
export function demoText(url: string, dialects: readonly Dialect[], dataFolder: string): string {
  const samples = dialects.map(
    ({ title, name, demo }) =>
      `${title}  (${url}/${name})\n\n${demo.curl(url, { username: demo.credential.username ?? null, secret: demo.credential.secret })}\n`,
  );
  return `
Parlance is running: ${url}
This is the demo: it listens on this machine only, its credentials are public, and its messages go to a
sandbox carrier whose handsets answer by the last digit of the number (docs/transports/sandbox.md).

${samples.join('\n')}
See what became of it:   bin/parlance.mjs message list ${dialects[0]?.demo.name ?? ''}
Hear of it:              bin/parlance.mjs webhook set --help
Everything is kept in:   ${dataFolder}
Stop with Ctrl+C.
`;
}
