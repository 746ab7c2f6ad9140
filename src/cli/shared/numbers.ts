import type { Country, E164 } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import { usageError } from './failure.ts';

/** Reads a phone number as a person types it. @throws CliError when it is none. */
export function numberOf(text: string, home: Country): E164 {
  const number = parseNumber(text, home);
  if (number) return number.e164;
  throw usageError(
    `'${text}' is no phone number: write it like +61412345678, or as it is dialled in ${home}.`,
  );
}
