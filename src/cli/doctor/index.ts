import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config } from '../../config/load.ts';
import type { ExitCode } from '../shared/failure.ts';
import { exitCodes } from '../shared/failure.ts';
import { count } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Run, Session } from '../shared/kit.ts';
import { action, configFlags } from '../shared/kit.ts';
import type { Paint } from '../shared/paint.ts';
import type { Finding, Outcome } from './finding.ts';
import { find, ok, warn } from './finding.ts';
import { checkDataFolder, checkPort } from './machine.ts';
import {
  checkAccounts,
  checkArchive,
  checkClock,
  checkIntegrity,
  checkLedger,
  checkLinks,
  checkMessages,
  checkNotifications,
} from './stored.ts';

/** `parlance doctor`: what is wrong, and what to do about it. */
export function addDoctor(program: Command, kit: Kit): void {
  const command = program
    .command('doctor')
    .summary('Say what is wrong, and what to do about it.')
    .description(
      'Check the configuration, the machine and what is stored; one line for each check, with what ' +
        'to do. Changes nothing; may run beside a server. Ends with 1 when a check has failed.',
    )
    .action(
      action(kit, async (run): Promise<ExitCode> => {
        const findings = await examine(run);
        const failed = findings.some(({ level }) => level === 'fail');
        run.print.result({ ok: !failed, checks: findings }, () =>
          report(findings, run.print.paint),
        );
        return failed ? exitCodes.failed : exitCodes.fine;
      }),
    );
  examples(command, [
    ['parlance doctor', 'before the first start, after an update, when something is odd'],
    ['parlance doctor --json', 'for monitoring'],
  ]);
}

async function examine(run: Run): Promise<Finding[]> {
  let config: Config | undefined;
  const configured = await find('configuration', async () => {
    config = run.context.config(configFlags(run.flags));
    const { warnings } = config;
    return warnings.length === 0
      ? ok('every setting can be read')
      : warn(warnings.join('; '), 'put it before that one, or take it out');
  });
  if (!config) return [configured];
  const held = config;
  let served = false;
  const port = await find('port', async () => {
    const { served: answers, ...outcome } = await checkPort(held);
    served = answers;
    return outcome;
  });
  const folder = await find('data folder', () => checkDataFolder(held));
  return [configured, folder, port, ...(await examineStored(run, held, served))];
}

const storedChecks: readonly [
  name: string,
  check: (session: Session, served: boolean) => Promise<Outcome>,
][] = [
  ['clock', checkClock],
  ['integrity', checkIntegrity],
  ['ledger', checkLedger],
  ['accounts', checkAccounts],
  ['links', checkLinks],
  ['messages', checkMessages],
  ['notifications', checkNotifications],
  ['archive', checkArchive],
];

async function examineStored(run: Run, config: Config, served: boolean): Promise<Finding[]> {
  // Opening it would make it.
  if (!existsSync(config.data)) return [];
  let session: Session | undefined;
  let close = async (): Promise<void> => {};
  const schema = await find('schema', async () => {
    const opened = await run.context.open(config);
    close = () => opened.close();
    session = { ...run, config, ...opened };
    return ok('the database is the one this release needs');
  });
  const findings = [schema];
  try {
    if (session) {
      const here = session;
      for (const [name, check] of storedChecks) {
        findings.push(await find(name, () => check(here, served)));
      }
    }
  } finally {
    await close();
  }
  return findings;
}

const words = { ok: 'ok', warn: 'warn', fail: 'FAIL' } as const;

function report(findings: readonly Finding[], paint: Paint): string[] {
  const brush = { ok: paint.good, warn: paint.doubtful, fail: paint.bad };
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, level, says, todo }) => {
    const word = brush[level](words[level].padEnd(4));
    const sentence = todo === undefined ? `${says}.` : `${says}: ${todo}.`;
    return `${word}  ${check.padEnd(width)}  ${sentence}`;
  });
  const found = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  return [
    ...lines,
    `${count(findings.length, 'check')}: ${found('fail')} failed, ${found('warn')} with a warning.`,
  ];
}
