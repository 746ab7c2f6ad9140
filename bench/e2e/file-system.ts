import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';

export const withoutJournal = 'ext4 without a journal';

/**
 * What temporary folders are on. It decides what Kannel's spool costs, which makes and deletes two
 * files for each message: ext4 without a journal reuses no inode for some seconds after its deletion,
 * and looks at all of those each time it makes a file (measured: two thirds of Kannel’s CPU).
 */
export function describeFileSystem(folder = os.tmpdir()): string {
  let mounts: string;
  try {
    mounts = readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    return os.type();
  }
  const holding = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at = '-']) => `${folder}/`.startsWith(at === '/' ? at : `${at}/`))
    .toSorted(([, a = ''], [, b = '']) => b.length - a.length);
  const [device = '', , type = 'an unknown file system'] = holding[0] ?? [];
  if (type !== 'ext4') return type;
  return hasJournal(device) ? 'ext4' : withoutJournal;
}

function hasJournal(device: string): boolean {
  const name = device.slice(device.lastIndexOf('/') + 1);
  try {
    return readdirSync('/proc/fs/jbd2').some((journal) => journal.startsWith(`${name}-`));
  } catch {
    return false;
  }
}
