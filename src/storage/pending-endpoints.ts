/**
 * A term of `with recursive`: every endpoint that has something pending, and a last row without one. It goes
 * from one to the next in the queue's index, whatever number each has waiting.
 */
export const pendingEndpoints = `endpoint (id) as (
    select min(endpoint_id) from notifications where status = 'pending'
    union all
    select (select min(endpoint_id) from notifications
            where status = 'pending' and endpoint_id > endpoint.id)
    from endpoint where endpoint.id is not null
  )`;
