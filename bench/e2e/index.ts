import { rounds } from '../scale.ts';
import { startBare } from './bare.ts';
import type { Stage } from '../stage.ts';
import { onStage } from '../stage.ts';
import { Instruments } from './instruments.ts';
import { findKannel, memoryFolder, startKannel } from './kannel.ts';
import { startParlance } from './parlance.ts';
import { profileText } from './profile.ts';
import type { Results } from './report.ts';
import { reportText } from './report.ts';
import { calmest, Course, isCalm, measure, warmUp } from './rounds.ts';
import type { Subject } from './subject.ts';

/** So many times as many rounds at most, where other programs disturb them. */
const patience = 2;

/**
 * HTTP in → submit_sm → its response → receipt → the client's webhook answered 200, beside Kannel.
 * With `profile`, where Parlance's time goes instead.
 */
export function endToEnd({ profile }: { profile: boolean }): Promise<string> {
  return onStage(async (stage) => {
    const instruments = await Instruments.start(stage);
    if (profile) return profileText(stage, new Course(instruments));
    const subjects = await startSubjects(stage, instruments);
    const results: Results[] = [];
    for (const subject of subjects) {
      const course = new Course(instruments);
      results.push({ subject, course, count: await warmUp(course, subject), measured: [] });
    }
    // In turns, so that a machine that grows slower does so for all.
    for (let turn = 0; turn < rounds * patience; turn++) {
      for (const { subject, course, count, measured } of results) {
        if (calmest(measured).filter(isCalm).length === rounds) continue;
        measured.push(await measure(course, subject, count));
      }
    }
    return reportText(results);
  });
}

async function startSubjects(stage: Stage, instruments: Instruments): Promise<Subject[]> {
  const subjects: Subject[] = [
    await startParlance(stage, instruments),
    await startParlance(stage, instruments, { customers: 8 }),
    await startBare(stage, instruments),
  ];
  const programs = findKannel();
  if (!programs) return subjects;
  subjects.push(
    await startKannel(stage, instruments, {
      name: 'kannel',
      programs,
      folder: await stage.folder(),
    }),
  );
  const memory = await memoryFolder(stage);
  if (memory !== null) {
    const name = 'kannel, spool in memory';
    subjects.push(await startKannel(stage, instruments, { name, programs, folder: memory }));
  }
  return subjects;
}
