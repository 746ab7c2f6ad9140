import type { Endpoint, Handler } from './call.ts';
import { confirmPolled, poll } from './polling.ts';
import { presentReply } from './present.ts';
import { confirmedReplies, readBody } from './schema.ts';

/** `GET /v1/replies`: the oldest that are not confirmed. */
const listReplies: Handler = async (call, { gateway }) => ({
  status: 200,
  body: { replies: await poll(call, gateway, 'replies', presentReply) },
});

/** `POST /v1/replies/confirmed` */
const confirmReplies: Handler = async (call, { gateway }) => {
  const { reply_ids: ids } = readBody(confirmedReplies, call.body);
  return confirmPolled(call, gateway, 'replies', ids);
};

export const replyEndpoints: readonly Endpoint[] = [
  { path: '/v1/replies', family: 'messages', methods: { GET: listReplies } },
  { path: '/v1/replies/confirmed', family: 'messages', methods: { POST: confirmReplies } },
];
