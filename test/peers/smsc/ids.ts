/**
 * How carriers write the ids of messages. One number may be written in one way in the answer to a
 * submit and in another one in the receipt.
 */
export const idForms = {
  decimal: (number: number) => String(number),
  hex: (number: number) => number.toString(16),
  HEX: (number: number) => number.toString(16).toUpperCase(),
  /** With zeros in front, as some write it in receipts alone. */
  padded: (number: number) => String(number).padStart(12, '0'),
  'padded HEX': (number: number) => number.toString(16).toUpperCase().padStart(10, '0'),
  uuid: (number: number) => uuid(number),
  UUID: (number: number) => uuid(number).toUpperCase(),
} as const;

export type IdForm = keyof typeof idForms;

/** Its hexadecimal form has letters, its decimal one ten digits: neither can be taken for the other. */
export const firstNumber = 0xa1b2_c3d4;

function uuid(number: number): string {
  const hex = number.toString(16).padStart(8, '0');
  return `${hex}-5f3a-4c1e-8b7d-0a9f${hex}`;
}
