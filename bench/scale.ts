/**
 * How long and how often is measured. `BENCH_SECONDS`, `BENCH_ROUNDS`, `BENCH_MESSAGES` and `BENCH_ROWS` in the
 * environment change it: a short run shows that everything works, and no figure to believe.
 */
export const seconds = Number(process.env['BENCH_SECONDS'] ?? 4);
export const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3);
/**
 * Where two are measured in turns, many short ones: a machine that others share is twice as fast in one second as in
 * the next. With three turns of 4 s one ratio was anything from 0.49 to 0.75.
 */
export const turnSeconds = Number(process.env['BENCH_SECONDS'] ?? 1);
export const turns = Number(process.env['BENCH_ROUNDS'] ?? 18);
export const turnWarmUpSeconds = 0.5;
/** Sent end to end, after those that warm up. */
export const messages = Number(process.env['BENCH_MESSAGES'] ?? 15_000);
/** The same of one round over SMPP; null: as many as take some seconds. */
export const messagesOfRound = process.env['BENCH_MESSAGES'] === undefined ? null : messages;
/** Of the campaign's file: the most of a bulk campaign. */
export const campaignRows = Number(process.env['BENCH_ROWS'] ?? 500_000);
export const warmUpSeconds = 2;
/** Until V8 has compiled what is hot: after 10 000 its compiler still took 21 µs for each further one. */
export const warmUpRequests = Number(process.env['BENCH_MESSAGES'] ?? 60_000);
export const warmUpMessages = 2_000;
export const connections = 32;
