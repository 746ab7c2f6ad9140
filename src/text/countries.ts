import { type CountryCode, getCountryCallingCode } from 'libphonenumber-js/max';
import type { Country } from './phone-number.ts';

const names = new Intl.DisplayNames(['en'], { type: 'region' });

/** Takes a country; gives its English name: `India`. */
export function countryName(country: Country): string {
  return names.of(country) ?? country;
}

/** The calling code with which its numbers begin: 91. */
export function callingCodeOf(country: Country): number {
  return Number(getCountryCallingCode(country as string as CountryCode));
}
