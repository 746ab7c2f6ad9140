import { z } from 'zod';
import { actionsByStatus } from './status-actions.ts';

const tonNpi = z.strictObject({
  ton: z.int().min(0).max(7),
  npi: z.int().min(0).max(18),
});

const seconds = (least: number, most: number, standard: number) =>
  z.number().min(least).max(most).default(standard);

const hostAndPort = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/, {
  message: 'must be host:port, such as smsc2.carrier.example:2775',
});

/** A number of 16 bits, as it is or written 0x1400. */
const tag = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^0x[0-9a-fA-F]{1,4}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(1).max(0xffff));

const ascii = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[\x20-\x7e]*$/, 'must be ASCII');

const fields = z.strictObject({
  host: z.string().min(1).max(253).describe('Where the carrier listens.'),
  port: z.int().min(1).max(65_535).default(2775).describe('Its port.'),
  backups: z
    .array(hostAndPort)
    .max(8)
    .default([])
    .describe(
      'Further hosts of the carrier, host:port, tried in turn when the first cannot be bound.',
    ),
  tls: z
    .union([
      z.boolean(),
      z.strictObject({
        ca: z
          .string()
          .min(1)
          .optional()
          .describe('Certificates to trust besides the well-known: a PEM file.'),
        cert: z.string().min(1).optional().describe('Our own certificate: a PEM file.'),
        key: z.string().min(1).optional().describe('Its key: a PEM file.'),
        serverName: z
          .string()
          .min(1)
          .optional()
          .describe('The name the certificate must bear, if not host.'),
      }),
    ])
    .default(false)
    .describe('Whether to speak TLS. Its certificate is always verified.'),
  systemId: ascii(15).min(1).describe('Who we are to the carrier.'),
  password: ascii(64)
    .default('')
    .describe('And how we prove it; better in the environment than in a file.'),
  systemType: ascii(12).default('').describe('Where the carrier wants one.'),
  version: z
    .enum(['3.3', '3.4', '5.0'])
    .default('3.4')
    .describe('The interface version that is told at the bind; 3.3 has no optional parameters.'),
  addressRange: z
    .strictObject({
      ton: z.int().min(0).max(7).default(0),
      npi: z.int().min(0).max(18).default(0),
      range: ascii(40).default(''),
    })
    .prefault({})
    .describe('The numbers whose replies are wanted, where the carrier goes by it.'),
  bind: z
    .enum(['transceiver', 'pair', 'transmitter', 'receiver'])
    .default('transceiver')
    .describe('pair: a transmitter and a receiver, for carriers without transceivers.'),
  binds: z
    .int()
    .min(1)
    .max(50)
    .default(1)
    .describe('How many of them at once. Carriers allow few.'),
  window: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('Parts that may wait for their answer at once, on each bind.'),
  throughput: z
    .number()
    .min(0)
    .max(100_000)
    .default(0)
    .describe(
      'Most parts a second over all binds of one node, 0.1 for one in ten seconds; 0 is no limit.',
    ),
  throughputPerSender: z
    .number()
    .min(0)
    .max(100_000)
    .default(0)
    .describe('The same for each sender.'),
  responseTimeoutSeconds: seconds(1, 3_600, 60).describe(
    'How long an answer may take; then the part counts as lost. Less than delivery.answerTimeoutSeconds.',
  ),
  enquireLinkSeconds: seconds(0, 3_600, 30).describe(
    'After so long a silence the carrier is asked whether it is there; 0 never asks.',
  ),
  connectTimeoutSeconds: seconds(1, 120, 10).describe(
    'How long connecting may take, and then the bind.',
  ),
  statuses: actionsByStatus
    .prefault({})
    .describe(
      'What follows from an error of the carrier, by its number; see the page of this transport.',
    ),
  alphabet: z
    .enum(['gsm7', 'gsm7-packed', 'latin1', 'latin1-as-3', 'ascii-as-1'])
    .default('gsm7')
    .describe('How texts of the GSM alphabet are written; all others are UCS-2.'),
  longMessages: z
    .enum(['udh8', 'udh16', 'sar', 'payload'])
    .default('udh8')
    .describe('How the parts of a long message are marked, or `payload`: whole, in one PDU.'),
  flash: z.boolean().default(false).describe('Shows messages at once and keeps none (class 0).'),
  source: z
    .union([z.literal('auto'), tonNpi])
    .default('auto')
    .describe('Type and plan of senders: by their look, or always these.'),
  destination: tonNpi.prefault({ ton: 1, npi: 1 }).describe('Type and plan of handsets’ numbers.'),
  plus: z.boolean().default(false).describe('Whether numbers keep their plus sign.'),
  serviceType: ascii(5).default('').describe('Where the carrier wants one.'),
  protocolId: z.int().min(0).max(255).default(0).describe('Where the carrier wants one.'),
  validity: z
    .enum(['relative', 'absolute', 'none'])
    .default('relative')
    .describe('How the carrier is told until when to try; some refuse absolute times.'),
  tlvs: z
    .array(
      z
        .strictObject({
          tag,
          text: ascii(255).optional(),
          hex: z
            .string()
            .regex(/^([0-9a-fA-F]{2}){0,255}$/, 'must be pairs of hexadecimal digits')
            .optional(),
          number: z.int().min(0).max(0xffff_ffff).optional(),
          octets: z.union([z.literal(1), z.literal(2), z.literal(4)]).default(4),
          senders: z.array(z.string().min(1)).min(1).optional(),
        })
        .refine(
          (one) =>
            [one.text, one.hex, one.number].filter((value) => value !== undefined).length === 1,
          {
            message: 'needs one of text, hex and number',
          },
        ),
    )
    .max(50)
    .default([])
    .describe('Optional parameters for each message, or for those of some senders.'),
  receipts: z
    .strictObject({
      ask: z.enum(['all', 'failures', 'none']).default('all'),
      ids: z
        .enum(['auto', 'same', 'hex-answers', 'hex-receipts'])
        .default('auto')
        .describe('hex-answers: the carrier answers in hexadecimal and its receipts are decimal.'),
      unmarked: z
        .boolean()
        .default(false)
        .describe('The carrier does not mark receipts in esm_class: they are known by their look.'),
      unknown: z
        .enum(['wait', 'failed'])
        .default('wait')
        .describe('What the state UNKNOWN means: nothing yet, or that it failed.'),
    })
    .prefault({})
    .describe('Which receipts are asked for, and how this carrier writes them.'),
  replies: z
    .strictObject({
      alphabet: z.enum(['gsm7', 'latin1']).default('gsm7'),
      packed: z.boolean().default(false),
      homeCountry: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .optional()
        .describe('As whose local form handsets are read.'),
    })
    .prefault({})
    .describe('How this carrier writes what handsets send.'),
});

/** Optional parameters came with SMPP 3.4: what 3.3 reads ends before them. */
export const smppSettings = fields.superRefine(({ version, longMessages, tlvs }, context) => {
  if (version !== '3.3') return;
  const refuse = (key: string, message: string) =>
    context.addIssue({ code: 'custom', path: [key], message });
  if (longMessages === 'sar' || longMessages === 'payload') {
    refuse('longMessages', 'must be udh8 or udh16 where version is 3.3');
  }
  if (tlvs.length > 0) refuse('tlvs', 'must be empty where version is 3.3');
});

export type SmppSettings = z.infer<typeof smppSettings>;
