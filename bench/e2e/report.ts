import { figure, median } from '../machine.ts';
import { rounds } from '../scale.ts';
import { tableText } from '../table.ts';
import { describeFileSystem, withoutJournal } from './file-system.ts';
import { howToInstall } from './kannel.ts';
import type { Course, Measured } from './rounds.ts';
import { calmest, isCalm } from './rounds.ts';
import type { Subject } from './subject.ts';

/** A gateway and its rounds. */
export interface Results {
  subject: Subject;
  course: Course;
  /** Messages of each round. */
  count: number;
  measured: Measured[];
}

/** So many times what Kannel delivers, for so much of its CPU. */
const bars = { rate: 3, cpu: 0.25 };

export function reportText(all: readonly Results[]): string {
  const results = all.map((one) => ({ ...one, measured: calmest(one.measured) }));
  const rows = results.map(({ subject, measured }) => {
    const of = (what: (one: Measured) => number) => figure(median(measured.map(what)));
    return [
      subject.name,
      of((one) => one.messagesPerSecond),
      of((one) => one.acceptedPerSecond),
      of((one) => one.cpuUs),
      of((one) => one.instrumentsUs),
    ];
  });
  const titles = ['', 'messages/s', 'accepted/s', 'CPU µs', 'instruments µs'];
  const ours = results.filter(({ subject }) => subject.role === 'ours');
  const others = results.filter(({ subject }) => subject.role !== 'ours');
  const peers = others.filter(({ subject }) => subject.role === 'peer');
  return [
    '\nend to end: HTTP, 1 message a request, 32 connections → SMPP → receipt → webhook answered 200',
    tableText(titles, rows, new Set([1, 2, 3, 4])),
    `  medians of ${rounds} rounds in turns, of ${results.map(({ count }) => figure(count)).join(', ')} messages`,
    ...ours.flatMap((own) => others.map((other) => comparison(own, other))),
    ...(peers.length === 0 ? [`  Kannel is not installed; to see it beside: ${howToInstall}`] : []),
    accountText(all),
    ...otherPrograms(results),
    ...results.map(({ subject }) => `  ${subject.name}: ${subject.description}`),
    ...(peers.length > 0 ? fileSystemRemark() : []),
  ].join('\n');
}

function comparison(ours: Results, other: Results): string {
  const of = ({ measured }: Results, what: (one: Measured) => number) => median(measured.map(what));
  const ratio = (what: (one: Measured) => number) => of(ours, what) / of(other, what);
  const rate = ratio((one) => one.messagesPerSecond);
  const cpu = ratio((one) => one.cpuUs);
  const verdict = (bar: number, met: boolean) =>
    other.subject.role === 'peer' ? ` (bar ${bar.toFixed(2)}) ${met ? 'met' : 'MISSED'}` : '';
  return [
    `  ${ours.subject.name} to ${other.subject.name}:`,
    `messages ${rate.toFixed(2)}${verdict(bars.rate, rate >= bars.rate)},`,
    `CPU ${cpu.toFixed(2)}${verdict(bars.cpu, cpu <= bars.cpu)}`,
  ].join(' ');
}

/** Each message is submitted, reported and told of once. */
function accountText(results: readonly Results[]): string {
  let messages = 0;
  let missing = 0;
  let repeated = 0;
  let strange = 0;
  for (const { count, measured } of results) {
    for (const { account } of measured) {
      messages += count;
      strange += account.strange;
      for (const deviation of [account.submitted, account.acknowledged, account.told]) {
        missing += deviation.missing;
        repeated += deviation.repeated;
      }
    }
  }
  return `  of ${figure(messages)} messages: ${missing} missing, ${repeated} repeated, ${strange} strange (submits, receipts, webhooks)`;
}

function otherPrograms(results: readonly Results[]): string[] {
  const measured = results.flatMap((one) => one.measured);
  const most = Math.round(Math.max(...measured.map((one) => one.others)) * 100);
  const verdict = measured.every(isCalm) ? '' : ': no figures to believe';
  return [`  other programs took at most ${most} % of the machine in a round${verdict}`];
}

function fileSystemRemark(): string[] {
  if (describeFileSystem() !== withoutJournal) return [];
  return [
    `  ${withoutJournal} makes files slowly where many were deleted shortly before: with its spool here Kannel is`,
    '  at less than half of what it does where ext4 has its journal (measured: 5 310/s and 300 µs)',
  ];
}
