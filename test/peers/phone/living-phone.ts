import type { FakePhone } from './phone.ts';
import type { EventStream } from './stream.ts';

/** A phone with a life of its own: it asks when it is woken, and sends what it is given. */
export class LivingPhone {
  readonly phone: FakePhone;
  #stream: EventStream | undefined;
  #woken = false;
  #ended = false;
  #working: Promise<void> | undefined;

  constructor(phone: FakePhone) {
    this.phone = phone;
  }

  async enrol(token: string): Promise<void> {
    const answer = await this.phone.register(`Bearer ${token}`);
    if (answer.status !== 201) throw new Error(`not enrolled: ${answer.status} ${answer.body}`);
    await this.phone.start();
    await this.connect();
  }

  /** Opens its stream, and asks, as the app does then. */
  async connect(): Promise<void> {
    this.#stream = this.phone.listen(() => this.wake(), { keep: false });
    await this.#stream.opened();
    this.wake();
  }

  wake(): void {
    this.#woken = true;
    this.#working ??= this.#run().finally(() => {
      this.#working = undefined;
    });
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#stream?.cut();
    await this.#working;
  }

  async #run(): Promise<void> {
    try {
      while (this.#woken && !this.#ended) {
        this.#woken = false;
        while ((await this.phone.pull('fifo')).length > 0 && !this.#ended) await this.phone.work();
      }
    } catch {
      // Its line broke: it asks again when it is connected.
    }
  }
}
