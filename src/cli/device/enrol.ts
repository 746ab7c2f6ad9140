import type { Command } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import { CliError } from '../shared/failure.ts';
import { iso, when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { parseSpan } from '../shared/parse.ts';

interface EnrolOptions {
  label?: string;
  life?: number;
  qr: boolean;
}

/** `parlance device enrol` */
export function addEnrol(group: Command, kit: Kit): void {
  const command = group
    .command('enrol')
    .argument('<account>', 'whose phones they will be')
    .description(
      'Make an enrolment token: phones that show it become the account’s. It is shown once, as a text and as a QR code that a phone’s camera can copy.',
    )
    .option('--label <text>', 'a name for your lists')
    .option(
      '--life <time>',
      'how long it is good, such as 1h (default: until it is revoked)',
      parseSpan,
    )
    .option('--no-qr', 'without the QR code')
    .action(
      storageAction(kit, async (session, options: EnrolOptions, name: string) => {
        const { gateway, print } = session;
        const url = apiUrl(session);
        const account = await findAccount(session, name);
        const now = gateway.delivery.clock.now();
        const expiresAt = options.life ? now + options.life : null;
        const { credential, secret } = await gateway.devices.enrolment.token(account.id, {
          label: options.label,
          expiresAt,
        });
        const document = { id: credential.id, account: name, url, token: secret };
        print.result({ ...document, expiresAt: iso(expiresAt) }, () => [
          ...print.fields([
            ['account', name],
            ['API URL', url],
            ['private token', secret],
            ['good until', when(expiresAt) ?? 'it is revoked'],
            ['id', credential.id],
          ]),
          ...(options.qr ? ['', ...renderUnicodeCompact(secret).split('\n')] : []),
        ]);
        print.remark(
          'In the app: Settings, Cloud Server: the API URL and the private token; then restart it and switch the cloud server on. The token is stored as a digest and is not shown again; `parlance credential revoke` ends it.',
        );
        if (!url.startsWith('https:')) {
          print.remark(
            'The app wants https: set http.publicUrl to where phones reach this gateway, with a certificate that they trust.',
          );
        }
      }),
    );
  examples(command, [
    ['parlance device enrol shop', 'a token for all phones of shop'],
    ['parlance device enrol shop --life 1h --label "warehouse"', 'one that is good for an hour'],
  ]);
}

/** What is typed into the app. @throws CliError where no link goes by phones. */
function apiUrl({ config }: Session): string {
  if (![...config.links.values()].some(({ devices }) => devices)) {
    throw new CliError(
      'No link goes by phones: add one with `transport: phone` to `links`, and to a rule of `routes`; docs/transports/phone.md.',
    );
  }
  return `${config.http.publicUrl}/api/mobile/v1`;
}
