import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { figure } from '../machine.ts';
import type { Stage } from '../stage.ts';
import { tableText } from '../table.ts';
import { startParlance } from './parlance.ts';
import type { Course } from './rounds.ts';
import { measure, warmUp } from './rounds.ts';

const root = `file://${path.join(import.meta.dirname, '../..')}/`;
/** Microseconds between two looks. */
const interval = 500;
const shownFunctions = 40;
const shownModules = 30;

/** A `.cpuprofile` of V8, as far as it is needed; times in microseconds of the monotonic clock. */
interface CpuProfile {
  startTime: number;
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Self time in microseconds, by what it was spent in. */
interface SelfTimes {
  functions: Map<string, number>;
  modules: Map<string, number>;
}

/** Where Parlance's time goes while a round is under way, by function and by file or package. */
export async function profileText(stage: Stage, course: Course): Promise<string> {
  const folder = await stage.folder();
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${interval}`];
  const parlance = await startParlance(stage, course.instruments, { runtime: flags });
  const count = await warmUp(course, parlance);
  const measured = await measure(course, parlance, count);
  await parlance.stop();
  const texts = [];
  for (const file of (await readdir(folder)).toSorted()) {
    const profile = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as CpuProfile;
    const times = selfTimes(profile, measured.from, measured.to);
    texts.push(
      tableText(['µs/message', 'file or package'], rows(times.modules, count, shownModules), right),
      tableText(['µs/message', 'function'], rows(times.functions, count, shownFunctions), right),
    );
  }
  return [
    `\nself time of ${figure(count)} messages end to end, ${figure(measured.messagesPerSecond)}/s, CPU ${figure(measured.cpuUs)} µs a message, while watched`,
    'By the clock: waiting for the disk counts, as nothing else goes on meanwhile.',
    ...texts,
  ].join('\n\n');
}

const right = new Set([0]);

function rows(times: Map<string, number>, messages: number, most: number): string[][] {
  return [...times]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, us]) => [(us / messages).toFixed(1), name]);
}

function selfTimes(
  { startTime, nodes, samples, timeDeltas }: CpuProfile,
  from: number,
  to: number,
) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times: SelfTimes = { functions: new Map(), modules: new Map() };
  const add = (to: Map<string, number>, name: string, us: number) =>
    void to.set(name, (to.get(name) ?? 0) + us);
  let at = startTime;
  samples.forEach((id, index) => {
    at += timeDeltas[index] ?? 0;
    const us = timeDeltas[index + 1] ?? 0;
    const frame = frames.get(id);
    if (!frame || at < from || at > to) return;
    const { functionName, url, lineNumber } = frame;
    const place = url.replace(root, '');
    const name = functionName === '' ? '(anonymous)' : functionName;
    add(times.functions, url === '' ? name : `${name}  ${place}:${lineNumber + 1}`, us);
    add(times.modules, moduleOf(name, place), us);
  });
  return times;
}

/** A package as a whole, a file of ours by itself; what has no file is the runtime. */
function moduleOf(name: string, place: string): string {
  if (place === '') return notOurs.has(name) ? name : '(native code of the runtime)';
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1] ?? place;
}

const notOurs: ReadonlySet<string> = new Set(['(idle)', '(garbage collector)', '(program)']);
