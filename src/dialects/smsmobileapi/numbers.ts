/** Numbers of the log of sent SMS go without their plus sign (seed). */
export function bare(number: string): string {
  return number.replace(/^\+/, '');
}
