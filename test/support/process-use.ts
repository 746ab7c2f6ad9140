import { readFile } from 'node:fs/promises';

/** What a process has used so far: seconds of processor time, and the most memory it had, in MB. */
export interface ProcessUse {
  cpuSeconds: number;
  mostMegabytes: number;
  /** What it has now. */
  megabytes: number;
}

/** Linux counts processor time in these. */
const ticksPerSecond = 100;

/** @returns undefined on systems that have no `/proc`. */
export async function useOf(pid: number): Promise<ProcessUse | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    // The name before it may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kilobytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      mostMegabytes: Math.round(kilobytes('VmHWM') / 1024),
      megabytes: Math.round(kilobytes('VmRSS') / 1024),
    };
  } catch {
    return undefined;
  }
}
