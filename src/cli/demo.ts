import type { Config } from '../config/load.ts';
import type { Gateway } from '../core/gateway.ts';
import { fromCredits } from '../core/money.ts';
import type { DemoAccount, Dialect } from '../dialects/dialect.ts';
import { wayIn as smppWayIn } from '../smpp-server/index.ts';
import type { WayIn } from './context.ts';

/** A way in with the account that shows it. */
type Shown = Pick<WayIn, 'name' | 'opened'> & {
  demo: Omit<DemoAccount, 'curl'>;
};

/**
 * Makes the demo account of every way in, where it is not there yet: credentials that anyone may
 * know, so the caller must see to it that the gateway listens on loopback only.
 */
export async function makeDemoAccounts(
  gateway: Gateway,
  waysIn: readonly Shown[],
  accounts: Config['accounts'],
): Promise<void> {
  for (const { name, demo, opened } of waysIn) {
    if (await gateway.owner.findAccount(demo.name)) continue;
    const account = await gateway.owner.createAccount({
      name: demo.name,
      homeCountry: demo.homeCountry ?? accounts.homeCountry,
      allowedCountries: [...(demo.allowedCountries ?? accounts.allowedCountries)],
      pricePerPart: fromCredits(accounts.pricePerPart),
      refundPolicy: accounts.refund,
      duplicateWindowMs: accounts.duplicateWindowSeconds * 1000,
      settings: {},
    });
    for (const credential of demo.credentials) {
      await gateway.owner.issueCredential(account.id, { dialect: name, ...credential });
    }
    await opened?.(account, gateway);
    for (const { address, kind } of demo.senders) {
      await gateway.senders.add(account.id, address, { kind });
    }
    await gateway.owner.topUp(account.id, fromCredits(demo.credits), 'demo');
  }
}

/**
 * What a newcomer reads at the start of the demo: where it is, and a line to paste for each dialect.
 * @param smpp where SMPP clients may bind; absent when its port was taken.
 */
export function demoText(
  url: string,
  dialects: readonly Dialect[],
  dataFolder: string,
  smpp: string | undefined,
): string {
  const samples = dialects.map(({ title, name, demo }) => {
    const [{ username = null, secret }] = demo.credentials;
    return `${title}  (${url}/${name})\n\n${demo.curl(url, { username, secret })}\n`;
  });
  return `
Parlance is running: ${url}
This is the demo: it listens on this machine only, its credentials are public, and its messages go to a
sandbox carrier whose handsets answer by the last digit of the number (docs/transports/sandbox.md).

${samples.join('\n')}
${smpp ? smppText(smpp) : 'SMPP is not shown, since its port is taken: set smppServer.port.'}

See what became of it:   bin/parlance.mjs message list ${dialects[0]?.demo.name ?? ''}
Hear of it:              bin/parlance.mjs webhook set --help
Everything is kept in:   ${dataFolder}
Stop with Ctrl+C.
`;
}

function smppText(smpp: string): string {
  const { title, demo } = smppWayIn;
  const [{ username, secret }] = demo.credentials;
  const senders = demo.senders.map(({ address }) => address).join(', ');
  return `${title}  (${smpp})

system_id ${username}, password ${secret}; senders ${senders}. docs/smpp-server.md has clients to paste.`;
}
