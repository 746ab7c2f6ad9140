/** Places as one process counts them, for tests of what takes them. */
export { createPlaces } from '../../src/storage/engines/sqlite/places.ts';
