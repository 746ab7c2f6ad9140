import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { LinkId } from '../../src/core/ids.ts';
import { createClock } from '../../src/system/clock.ts';
import { smpp } from '../../src/transports/smpp/index.ts';
import { outgoingPart } from '../../src/transports/testkit/outgoing-part.ts';
import { RecordingHost } from '../../src/transports/testkit/recording-host.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Kannel's own SMSC for its tests; Debian has it in kannel-extras. */
const program = '/usr/lib/kannel/test/drive_smpp';
const messages = 200;

describe.skipIf(!existsSync(program))('Kannel’s test SMSC (apt-get install kannel-extras)', () => {
  let child: ChildProcess | undefined;
  afterEach(() => void child?.kill('SIGKILL'));

  it('is bound as transmitter and receiver, and reads what we send', async () => {
    const port = await freePort();
    let said = '';
    child = spawn(program, ['-v', '0', '-p', String(port), '-m', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });

    // It knows no transceivers, and its answers have no id.
    const settings = { host: '127.0.0.1', port, systemId: 'foo', password: 'bar', bind: 'pair' };
    const link = smpp.create('kannel' as LinkId, smpp.settings.parse(settings), {
      clock: createClock(),
      dataFolder: '/nowhere',
      log: () => {},
    });
    await link.start(new RecordingHost());
    await waitUntil('it is bound', () => link.state() === 'up');
    const outcomes = await Promise.all(
      Array.from({ length: messages }, async () => {
        for (;;) {
          const outcome = await link.send(outgoingPart({ text: 'Hello' }));
          // The window is ten.
          if (outcome.kind !== 'retryable') return outcome.kind;
          await new Promise((resolve) => setImmediate(resolve));
        }
      }),
    );
    expect(outcomes.filter((kind) => kind !== 'accepted')).toEqual([]);
    await link.stop();
    await waitUntil('it has heard of our leave', () => said.includes('PDU of type unbind'));
    // After our leave it looks for a bearerbox, which there is none, and panics.
    const [before = ''] = said.split('PDU of type unbind');
    expect(before.match(/submit_sm: short_message = <Hello>/g)).toHaveLength(messages);
    expect(before).not.toMatch(/PANIC|Invalid|garbage/i);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
