import { readdir, readFile } from 'node:fs/promises';

/** The kernel counts in hundredths of a second. */
const tickMs = 10;

/** User and system time of a process so far, in milliseconds. Linux only; elsewhere 0. */
export async function cpuOfProcess(pid: number): Promise<number> {
  const stat = await statOf(pid);
  return stat ? stat.own * tickMs : 0;
}

/** The same of a process and all its children, also of those that have ended. */
export async function cpuOfFamily(pid: number): Promise<number> {
  const parent = await statOf(pid);
  if (!parent) return 0;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const children = (await Promise.all(pids.map((child) => statOf(Number(child))))).filter(
    (stat) => stat?.parent === pid,
  );
  const living = children.reduce((sum, stat) => sum + (stat?.own ?? 0), 0);
  return (parent.own + parent.ended + living) * tickMs;
}

interface Stat {
  parent: number;
  own: number;
  /** Of children that have ended. */
  ended: number;
}

async function statOf(pid: number): Promise<Stat | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name before it stands in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  const at = (index: number) => Number(fields[index]);
  return { parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) };
}

/** What all processes of the machine have used so far, in milliseconds. Linux only; elsewhere 0. */
export async function cpuOfMachine(): Promise<number> {
  let stat: string;
  try {
    stat = await readFile('/proc/stat', 'utf8');
  } catch {
    return 0;
  }
  // user, nice, system, idle, iowait, irq, softirq, steal
  const [, user, nice, system, , , irq, softirq] = stat
    .slice(0, stat.indexOf('\n'))
    .split(/\s+/)
    .map(Number);
  return (
    [user, nice, system, irq, softirq].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) *
    tickMs
  );
}
