import type { LinkId, NodeId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { LinkReport, Storage } from '../core/ports/storage.ts';
import { announcements } from '../core/ports/storage.ts';
import type { LinkHealth } from '../core/routing/link-health.ts';
import { every } from './every.ts';
import type { Worker, WorkerLog } from './worker.ts';

const lookPauseMs = 1_000;
/** How often all is told though nothing has changed but counts. */
const tellPauseMs = 5_000;

interface LinkWatchParts {
  health: LinkHealth;
  storage: Storage;
  clock: Clock;
  nodeId: NodeId;
  log: WorkerLog;
}

/**
 * Keeps what this node knows of the links up to date, and tells what it knows: a look each second at those it
 * holds and at what other nodes have said. A link that came up, went down, or whose receipts turned, is told
 * and announced with that look; the others hear of it at once, or with their next one.
 */
export class LinkWatch implements Worker {
  readonly #given: LinkWatchParts;
  readonly #looks: Worker;
  /** As it was last told. */
  #told: ReadonlyMap<LinkId, LinkReport> = new Map();
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(given: LinkWatchParts) {
    this.#given = given;
    const { clock, log } = given;
    this.#looks = every(lookPauseMs, () => this.#look(), { clock, log, name: 'link watch' });
  }

  start(): void {
    const { storage, log } = this.#given;
    storage.onAnnounced((topic) => {
      if (topic !== announcements.links) return;
      this.#hear().catch((error: unknown) => {
        log.warn({ err: error }, 'news of links could not be read; the next look does it');
      });
    });
    this.#looks.start();
  }

  stop(): Promise<void> {
    return this.#looks.stop();
  }

  async #look(): Promise<void> {
    this.#given.health.look();
    await this.#tell();
    await this.#hear();
  }

  async #hear(): Promise<void> {
    const { health, storage, nodeId } = this.#given;
    // Where nobody else may serve there is nobody to hear.
    if (storage.manyNodes) health.hear(await storage.read.linkHolders.list(), nodeId);
  }

  async #tell(): Promise<void> {
    const { health, storage, clock, nodeId } = this.#given;
    const now = clock.now();
    const reports = health.reports();
    if (reports.length === 0) return;
    const news = reports.filter((report) => this.#isNews(report));
    const ago = now - this.#toldAt;
    if (news.length === 0 && ago >= 0 && ago < tellPauseMs) return;
    await storage.write((tx) => tx.linkHolders.tell(nodeId, reports));
    for (const report of news) this.#log(report);
    this.#told = new Map(reports.map((report) => [report.linkId, report]));
    this.#toldAt = now;
    if (news.length > 0) storage.announce(announcements.links);
  }

  #isNews({ linkId, state, since, demotedSince }: LinkReport): boolean {
    const before = this.#told.get(linkId);
    return (
      before?.state !== state || before.since !== since || before.demotedSince !== demotedSince
    );
  }

  /** Once for each demotion, however often it is prolonged. */
  #log({ linkId, demotedSince, receipts, failures }: LinkReport): void {
    const before = this.#told.get(linkId)?.demotedSince ?? null;
    const { log } = this.#given;
    if (demotedSince !== null && before === null) {
      log.warn(
        { link: linkId, receipts, bad: failures },
        'the receipts of a link have turned bad: it goes behind the others of its routes',
      );
    } else if (demotedSince === null && before !== null) {
      log.info({ link: linkId }, 'a link is no longer behind the others of its routes');
    }
  }
}
