import type { LoadConnection } from './protocol.ts';

/** Where the instruments listen. */
export interface Surroundings {
  smscPort: number;
  webhookPort: number;
}

/** A gateway that is measured. */
export interface Subject {
  name: string;
  /** `peer`: what users would run instead, which our bars are set against. */
  role: 'ours' | 'floor' | 'peer';
  /** The settings that its figures depend on. */
  description: string;
  /** What a connection of the load sends, by its number. */
  connection(index: number): LoadConnection;
  /** User and system time of all its processes so far, in milliseconds. */
  cpuMs(): Promise<number>;
}
