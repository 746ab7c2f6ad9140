import { seededRandom } from '../../support/seeded-random.ts';
import { answerTo, commands, pduBytes } from './wire.ts';

/** Bytes that no carrier should send, for `session.write`. */

const empty = Buffer.alloc(0);

/** Bytes without any sense. */
export function garbage(length = 200, seed = 1): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length }, () => random(256)));
}

/** A PDU that says it is longer than what follows, which is all there will be. */
export function truncated(): Buffer {
  const whole = pduBytes({ command: commands.enquire_link, status: 0, sequence: 1, body: empty });
  whole.writeUInt32BE(200, 0);
  return whole;
}

/** A PDU whose length no one can mean. */
export function oversized(length = 0x7fff_ffff): Buffer {
  const whole = pduBytes({ command: commands.deliver_sm, status: 0, sequence: 1, body: empty });
  whole.writeUInt32BE(length, 0);
  return whole;
}

/** A PDU that ends before its header does. */
export function undersized(): Buffer {
  return oversized(8);
}

/** A deliver_sm whose fields go beyond its end. */
export function cutFields(sequence = 0x0bad): Buffer {
  const body = Buffer.from('\0\x01\x0161412345678', 'latin1');
  return pduBytes({ command: commands.deliver_sm, status: 0, sequence, body });
}

/** A request that SMPP does not know. */
export function unknownCommand(sequence = 0x0bae): Buffer {
  return pduBytes({ command: 0x0abc, status: 0, sequence, body: empty });
}

/** An answer to what nobody asked. */
export function strayAnswer(sequence = 0x00ff_ff00): Buffer {
  const body = Buffer.from('stray\0', 'latin1');
  return pduBytes({ command: answerTo(commands.submit_sm), status: 0, sequence, body });
}
