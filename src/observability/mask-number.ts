/**
 * Shortens a phone number so that an owner can recognise it and nobody can call it: `+61412345678`
 * becomes `+614…678`. What is no phone number (a sender such as `CompanyABC`, a short code of up to six
 * digits) is given back as it is.
 */
export function maskNumber(number: string): string {
  // Longer than any number with its separators; not worth looking at.
  if (number.length > 40) return number;
  const digits = number.replace(/[\s()./-]/g, '');
  const [, plus = '', all = ''] = /^(\+?)([0-9]{7,})$/.exec(digits) ?? [];
  if (all === '') return number;
  // Of a short one, three at each end would leave next to nothing hidden.
  const shown = all.length < 10 ? 2 : 3;
  return `${plus}${all.slice(0, shown)}…${all.slice(-shown)}`;
}
