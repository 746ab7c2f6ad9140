import type { Handler } from './call.ts';

/** `GET /v1/webhooks` (reference A.7): where the account is told, and whether that is signed. */
export const showWebhooks: Handler = async ({ caller }) => {
  const endpoints = caller.view.endpoints.filter(({ form }) => form === 'mobilemessage');
  const urlOf = (topic: string): string | null =>
    endpoints.find((endpoint) => endpoint.topic === topic)?.url ?? null;
  return JSON.stringify({
    has_signing_secret: endpoints.some(({ secret }) => secret !== null),
    webhooks: { inbound: urlOf('inbound'), status: urlOf('status') },
  });
};
