import { afterEach, beforeEach, describe } from 'vitest';

import type { Storage } from '../../core/ports/storage.ts';
import { accountCases } from './account-cases.ts';
import { audienceCases } from './audience-cases.ts';
import { archiveCases } from './archive-cases.ts';
import { campaignCases } from './campaign-cases.ts';
import { deviceCases } from './device-cases.ts';
import { Fixtures } from './fixtures.ts';
import { historyCases } from './history-cases.ts';
import type { Given, TestDatabase } from './given.ts';
import { listCases } from './list-cases.ts';
import { messageCases } from './message-cases.ts';
import { nodeCases } from './node-cases.ts';
import { notificationCases } from './notification-cases.ts';
import { numberCases } from './number-cases.ts';
import { pollCases } from './poll-cases.ts';
import { queueCases } from './queue-cases.ts';
import { retentionCases } from './retention-cases.ts';
import { routingCases } from './routing-cases.ts';
import { searchCases } from './search-cases.ts';
import { segmentCases } from './segment-cases.ts';
import { sessionCases } from './session-cases.ts';
import { shortLinkCases } from './short-link-cases.ts';
import { tallyCases } from './tally-cases.ts';
import { userCases } from './user-cases.ts';
import { writeCases } from './write-cases.ts';

/**
 * Every method of the storage port, tried on an engine. The cases say what the port promises, so each
 * engine runs all of them.
 *
 * @param name of the engine.
 * @param create makes a database for one case.
 */
export function describeEngine(name: string, create: () => Promise<TestDatabase>): void {
  describe(`storage on ${name}`, () => {
    let database: TestDatabase;
    const opened: Storage[] = [];
    const given = {} as Given;

    beforeEach(async () => {
      database = await create();
      const another = async () => {
        const storage = await database.open();
        opened.push(storage);
        return storage;
      };
      Object.assign(given, {
        storage: await another(),
        capabilities: database.capabilities,
        rows: new Fixtures(),
        knownProblems: database.knownProblems ?? [],
        another,
      } satisfies Given);
    });

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((storage) => storage.close()));
      await database.destroy();
    });

    accountCases(given);
    audienceCases(given);
    archiveCases(given);
    campaignCases(given);
    deviceCases(given);
    historyCases(given);
    messageCases(given);
    pollCases(given);
    queueCases(given);
    searchCases(given);
    listCases(given);
    notificationCases(given);
    nodeCases(given);
    numberCases(given);
    retentionCases(given);
    routingCases(given);
    segmentCases(given);
    sessionCases(given);
    shortLinkCases(given);
    tallyCases(given);
    userCases(given);
    writeCases(given);
  });
}
