import type { Command } from 'commander';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames } from '../shared/lookup.ts';
import { deviceDocument, findDevice } from './present.ts';

/** `parlance device remove` */
export function addRemove(group: Command, kit: Kit): void {
  const command = group
    .command('remove')
    .argument('<id>', 'as `parlance device list` shows it')
    .description(
      'End a phone’s service. What waits for it goes to others of its account. A phone that still has a good enrolment token comes back as a new one: revoke that, too.',
    )
    .action(
      storageAction(kit, async (session, _options: object, id: string) => {
        const { gateway, print } = session;
        const device = await findDevice(session, id);
        const nameOf = await accountNames(session, [device.accountId]);
        await gateway.devices.remove(await gateway.owner.actAs(device.accountId), id);
        const document = deviceDocument(device, nameOf(device.accountId));
        print.result({ ...document, removed: true }, () => [
          `The phone ${id} of '${nameOf(device.accountId)}' serves no more.`,
        ]);
        const tokens = await gateway.devices.enrolment.tokens(device.accountId);
        if (tokens.length > 0) {
          print.remark(
            `It may come back with an enrolment token: ${tokens.map((one) => one.id).join(', ')}.`,
          );
        }
      }),
    );
  examples(command, [['parlance device remove K1J1oQe8YjTTRFWJGNl7', 'it is given nothing more']]);
}
