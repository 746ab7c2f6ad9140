import { makeSqliteTemplate } from '../support/sqlite.ts';

/** For all files: one migrated database of which each test gets a copy. */
export default makeSqliteTemplate;
