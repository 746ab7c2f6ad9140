import type { DeliveryContext } from '../delivery/context.ts';
import type { DevicePolicy } from './device.ts';
import type { Fleet } from './fleet.ts';
import type { Sightings } from './sightings.ts';
import type { Wakes } from './wakes.ts';

/** What the steps of an errand work with. */
export interface DeviceContext {
  delivery: DeliveryContext;
  policy: DevicePolicy;
  fleet: Fleet;
  wakes: Wakes;
  sightings: Sightings;
}
