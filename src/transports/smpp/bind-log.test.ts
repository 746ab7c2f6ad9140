import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { BindLog } from './bind-log.ts';

function open() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = new BindLog('carrier transceiver 1', {
    clock,
    dataFolder: '/nowhere',
    log: (level, what) => lines.push(`${level} ${what}`),
  });
  return { clock, lines, log };
}

it('a trouble is told once in ten minutes, whatever its numbers are', async () => {
  const { clock, lines, log } = open();
  for (let at = 0; at < 1_000; at++) log.trouble('warn', `answer ${at} answers nothing`);
  expect(lines).toEqual(['warn answer 0 answers nothing']);
  await clock.advance(11 * 60_000);
  log.trouble('warn', 'answer 7 answers nothing');
  expect(lines).toHaveLength(2);
});

it('many kinds of trouble do not fill the log, nor hide what the owner must do', () => {
  const { lines, log } = open();
  for (let at = 0; at < 500; at++) log.trouble('warn', `odd ${'x'.repeat(at)}`);
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('warn more troubles; they are told in ten minutes');
  log.lost('error', 'the carrier refused the bind: ESME_RINVPASWD', {});
  expect(lines.at(-1)).toBe('error not bound: the carrier refused the bind: ESME_RINVPASWD');
});

it('a line that comes and goes is told once in ten minutes, and at last that it is there', async () => {
  const { clock, lines, log } = open();
  const flap = () => {
    for (let at = 0; at < 5; at++) {
      log.lost('warn', 'the peer closed the connection', {});
      log.lost('warn', 'the peer closed the connection', {});
      log.bound('smsc.example:2775');
    }
  };
  log.bound('smsc.example:2775');
  flap();
  const once = ['warn not bound: the peer closed the connection', 'info bound'];
  expect(lines).toEqual(['info bound', ...once]);
  await clock.advance(11 * 60_000);
  flap();
  expect(lines).toEqual(['info bound', ...once, ...once]);
});
