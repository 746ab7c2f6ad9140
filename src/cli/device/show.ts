import type { Command } from 'commander';
import type { Device } from '../../core/devices/device.ts';
import { when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames } from '../shared/lookup.ts';
import { deviceDocument, findDevice, onlineText, settingFields } from './present.ts';

/** `parlance device show` */
export function addShow(group: Command, kit: Kit): void {
  const command = group
    .command('show')
    .argument('<id>', 'as `parlance device list` shows it')
    .description('One phone: its SIMs, its health, its settings, and what is in its queue.')
    .action(
      storageAction(kit, async (session, _options: object, id: string) => {
        await showDevice(session, await findDevice(session, id));
      }),
    );
  examples(command, [['parlance device show K1J1oQe8YjTTRFWJGNl7', 'how one phone is']]);
}

/** Prints a device. */
export async function showDevice(session: Session, device: Device): Promise<void> {
  const { gateway, storage, print } = session;
  const nameOf = await accountNames(session, [device.accountId]);
  const now = gateway.delivery.clock.now();
  const { errands } = storage.read;
  const waiting = (await errands.loads('waiting')).get(device.id) ?? 0;
  const given = (await errands.loads('given')).get(device.id) ?? 0;
  const document = {
    ...deviceDocument(device, nameOf(device.accountId)),
    queue: { waiting, given },
  };
  print.result(document, () =>
    print.fields([
      ['id', device.id],
      ['account', nameOf(device.accountId)],
      ['name', device.name],
      ['label', device.label],
      ['number', device.number],
      ...device.sims.map(
        ({ sim, number, carrier }) =>
          [
            `SIM ${sim}`,
            [number, carrier].filter((one) => one !== null).join(', ') || null,
          ] as const,
      ),
      ['online', onlineText(device, now)],
      ['last seen', when(device.lastSeenAt)],
      ['enrolled', when(device.createdAt)],
      ['battery', device.battery === null ? null : `${device.battery} %`],
      ['health', device.health],
      ['app', device.version],
      ['queue', `${waiting} waiting, ${given} given to it and not answered`],
      ...settingFields(device.settings),
    ]),
  );
}
