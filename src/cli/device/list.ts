import type { Command } from 'commander';
import type { Device } from '../../core/devices/device.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames, findAccount } from '../shared/lookup.ts';
import type { PageOf, PageOptions } from '../shared/pages.ts';
import { paged, pageOf, printPage, readPage } from '../shared/pages.ts';
import { deviceDocument, onlineText } from './present.ts';

/** `parlance device list` */
export function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('[account]', 'only of this account'))
    .description('Phones that are enrolled, and how they are.')
    .action(
      storageAction(kit, async (session, options: PageOptions, account?: string) => {
        const page = await readDevices(session, options, account);
        const nameOf = await accountNames(
          session,
          page.rows.map(({ accountId }) => accountId),
        );
        const now = session.gateway.delivery.clock.now();
        printPage(session.print, page, {
          item: (device) => deviceDocument(device, nameOf(device.accountId)),
          columns: [
            { title: 'ID', of: ({ id }) => id },
            { title: 'ACCOUNT', of: ({ accountId }) => nameOf(accountId) },
            { title: 'PHONE', of: ({ label, name }) => label ?? name, most: 30 },
            { title: 'NUMBER', of: ({ number }) => number },
            {
              title: 'ONLINE',
              of: (device) => onlineText(device, now),
              colour: ({ online }, paint) => (online ? paint.none : paint.doubtful),
            },
            { title: 'BATTERY', of: ({ battery }) => (battery === null ? null : `${battery} %`) },
            { title: 'APP', of: ({ version }) => version },
          ],
          none: 'No phone is enrolled: make a token with `parlance device enrol <account>`.',
        });
      }),
    );
  examples(command, [
    ['parlance device list', 'all of them'],
    ['parlance device list shop', 'those of one account'],
  ]);
}

async function readDevices(
  session: Session,
  options: PageOptions,
  name: string | undefined,
): Promise<PageOf<Device>> {
  const { devices, owner } = session.gateway;
  if (name === undefined) return readPage(options, (page) => devices.listAll(page));
  const { id } = await findAccount(session, name);
  return pageOf(await devices.list(await owner.actAs(id)), options);
}
