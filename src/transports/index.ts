import { phone } from './phone/index.ts';
import { sandbox } from './sandbox/index.ts';
import { smpp } from './smpp/index.ts';
import type { Transport } from './transport.ts';

/** All transports, one line each. */
export const transports: readonly Transport[] = [sandbox, smpp, phone];
