/** What a phone is to be told, so that it comes and asks. */
export type DeviceNews =
  | { kind: 'messages' }
  /** Of this name (`errandName`), which it may have. */
  | { kind: 'cancelled'; errand: string }
  | { kind: 'settings' }
  /** Where it tells what happens. */
  | { kind: 'hooks' }
  /** It should tell again what it received from one instant to another. */
  | { kind: 'inbox'; since: number; until: number }
  /** It has said that it is to be woken through its maker's push service: its streams are of no use. */
  | { kind: 'push' }
  /** It is not enrolled any more. */
  | { kind: 'gone' };
