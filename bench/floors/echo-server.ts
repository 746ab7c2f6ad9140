/**
 * The floor of "accept, 1 message a request": the least that any Fastify server does with the same
 * request: parse it, check it by a zod schema, answer JSON. No authentication, no storage.
 */
import Fastify from 'fastify';
import { z } from 'zod';

const schema = z.object({
  messages: z
    .array(
      z.object({
        to: z.string(),
        message: z.string(),
        sender: z.string(),
        custom_ref: z.string().optional(),
      }),
    )
    .max(100),
});

const server = Fastify();
server.post('/v1/messages', (request) => schema.parse(request.body));
console.log(await server.listen({ host: '127.0.0.1', port: 0 }));
