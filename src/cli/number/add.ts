import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Medium } from '../../core/messages/medium.ts';
import { media } from '../../core/messages/medium.ts';
import type { Classification, NumberType } from '../../core/senders/pool-number.ts';
import { classifications, describeNumber, numberTypes } from '../../core/senders/pool-number.ts';
import type { Country } from '../../text/phone-number.ts';
import { usageError } from '../shared/failure.ts';
import { count } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { parseCountry, parseWhen } from '../shared/parse.ts';
import { numberDocument } from './present.ts';

interface AddOptions {
  country?: Country;
  type?: NumberType;
  classification: Classification;
  carries: Medium[];
  from?: number;
}

/** `parlance number add` */
export function addAdd(group: Command, kit: Kit): void {
  const command = group
    .command('add')
    .argument('<numbers...>', 'in international form, or short codes')
    .description('Offer numbers to all accounts.')
    .option('--country <code>', 'of short codes; other numbers tell it themselves', parseCountry)
    .addOption(
      new Option('--type <type>', 'what they are (default: what their digits tell)').choices(
        numberTypes,
      ),
    )
    .addOption(
      new Option('--classification <class>', 'how easily they are remembered')
        .choices(classifications)
        .default('bronze'),
    )
    .option('--carries <media>', 'such as sms,mms', parseMedia, ['sms'])
    .option('--from <time>', 'nobody may take them before', parseWhen)
    .action(
      storageAction(kit, async ({ gateway, print }, options: AddOptions, texts: string[]) => {
        const now = gateway.delivery.clock.now();
        const added = await gateway.numbers.add(
          texts.map((text) => ({
            ...described(text, options),
            classification: options.classification,
            capabilities: options.carries,
            availableAfter: options.from ?? now,
          })),
        );
        const items = added.map((number) => numberDocument({ ...number, accountId: null }, null));
        print.result({ items }, () => [
          ...added.map(
            ({ number, type, country }) => `${number} is offered (${type}, ${country}).`,
          ),
          ...(added.length > 1 ? [`${count(added.length, 'number')} in all.`] : []),
        ]);
      }),
    );
  examples(command, [
    ['parlance number add +61412345601 +61412345602', 'two mobile numbers'],
    [
      'parlance number add +61488888888 --classification gold --carries sms,mms',
      'one that is easily remembered',
    ],
    ['parlance number add 19770 --country AU', 'a short code'],
  ]);
}

function described(text: string, { country, type }: AddOptions) {
  const known = describeNumber(text.replaceAll(/[\s()-]/g, ''), country);
  if (!known) {
    throw usageError(
      `'${text}' is no number: write it in international form, such as +61412345678, or as a short code of 3 to 8 digits with its --country.`,
    );
  }
  return { ...known, type: type ?? known.type };
}

function parseMedia(text: string): Medium[] {
  const known: readonly string[] = media;
  const named = text.split(',').map((one) => one.trim());
  if (named.some((one) => !known.includes(one))) {
    throw new InvalidArgumentError(`It must be of ${media.join(', ')}, with commas between.`);
  }
  return [...new Set(named)] as Medium[];
}
