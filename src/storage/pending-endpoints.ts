import type { Notification } from '../core/notifications/notification.ts';

/**
 * A term of `with recursive`: every endpoint that has something pending, and a last row without one. It goes
 * from one to the next in the queue's index, whatever number each has waiting.
 */
export const pendingEndpoints = (via: Notification['via']): string => `endpoint (id) as (
    select min(endpoint_id) from notifications where status = 'pending' and via = '${via}'
    union all
    select (select min(endpoint_id) from notifications
            where status = 'pending' and via = '${via}' and endpoint_id > endpoint.id)
    from endpoint where endpoint.id is not null
  )`;
