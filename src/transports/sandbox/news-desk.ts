import type { LinkHost, ReceiptNews, ReplyNews } from '../../core/ports/transport.ts';
import type { TransportContext } from '../transport.ts';
import type { Timetable } from './timetable.ts';
import { UnderWay } from './under-way.ts';

/** Waits before news is told again, like a carrier that got no answer. After the last it is given up. */
const resendDelaysMs = [1_000, 5_000, 30_000, 120_000] as const;

/** Tells the gateway what the network has to say, again and again where it could not take it. */
export class NewsDesk {
  readonly #host: LinkHost;
  readonly #timetable: Timetable;
  readonly #context: TransportContext;
  readonly #calls = new UnderWay();

  constructor(host: LinkHost, timetable: Timetable, context: TransportContext) {
    this.#host = host;
    this.#timetable = timetable;
    this.#context = context;
  }

  /** How much the gateway is being told right now. */
  get telling(): number {
    return this.#calls.count;
  }

  /** Resolves when the gateway has answered all that it was told. */
  idle(): Promise<void> {
    return this.#calls.idle();
  }

  receipt(news: ReceiptNews): void {
    void this.#tell(() => this.#host.receipt(news), 'receipt', news, 0);
  }

  reply(news: ReplyNews): void {
    void this.#tell(() => this.#host.reply(news), 'reply', news, 0);
  }

  async #tell(
    call: () => Promise<unknown>,
    what: 'receipt' | 'reply',
    news: Pick<ReceiptNews | ReplyNews, 'linkId' | 'upstreamId'>,
    failures: number,
  ): Promise<void> {
    this.#calls.enter();
    try {
      await call();
    } catch (error) {
      const wait = resendDelaysMs[failures];
      const again = () => void this.#tell(call, what, news, failures + 1);
      if (wait === undefined || !this.#timetable.add(wait, again)) {
        this.#context.log('error', `the gateway did not take a ${what}: it is given up`, {
          link: news.linkId,
          upstreamId: news.upstreamId,
          error: String(error),
        });
      }
    } finally {
      this.#calls.leave();
    }
  }
}
