/**
 * Why the program does not start on this storage. The message is one sentence for the person who
 * started it and says what to do; it is printed without a stack.
 */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';
}
