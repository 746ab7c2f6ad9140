import type { Link, LinkState, OutgoingPart, SendOutcome } from '../core/ports/transport.ts';
import type { Clock } from '../core/ports/clock.ts';

/**
 * A link that is this node's until an instant. After it nothing leaves, whoever asks and however late:
 * a hand-over whose commit came back slowly, or a process that was held up past its own timers.
 */
export class LeasedLink implements Link {
  readonly #link: Link;
  readonly #clock: Clock;
  /** Parts leave before this instant only. */
  until: number;

  constructor(link: Link, until: number, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
    this.until = until;
  }

  get id() {
    return this.#link.id;
  }

  get window() {
    return this.#link.window;
  }

  state(): LinkState {
    return this.#isOver() ? 'down' : this.#link.state();
  }

  start: Link['start'] = (host) => this.#link.start(host);

  split: Link['split'] = (text, encoding) => this.#link.split(text, encoding);

  pace: Link['pace'] = () => this.#link.pace();

  send(part: OutgoingPart): Promise<SendOutcome> {
    if (!this.#isOver()) return this.#link.send(part);
    return Promise.resolve({
      kind: 'retryable',
      code: 'link_unavailable',
      // By the same link, wherever it is held now.
      again: 'here',
      retryAfterMs: 0,
      detail: 'another node may hold the link by now',
    });
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  #isOver(): boolean {
    return this.#clock.now() >= this.until;
  }
}
