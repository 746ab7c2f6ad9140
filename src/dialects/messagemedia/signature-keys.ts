import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { SigningKeyId } from '../../core/ids.ts';
import type { SigningKey } from '../../core/notifications/signing-key.ts';
import { signingDigests } from '../../core/notifications/signing-key.ts';
import { formatIso } from '../../text/instant.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';
import type { Endpoint, Handler } from './call.ts';
import { invalid, oneOf, readBody } from './schema.ts';

const newKey = z.object({
  digest: oneOf('Digest', signingDigests),
  cipher: oneOf('Cipher', ['RSA']),
});

const choice = z.object({
  key_id: z.guid({
    error: ({ input }) =>
      input === undefined || input === null ? 'Key id cannot be null' : invalid(input),
  }),
});

/** `POST /v1/iam/signature_keys` */
const create: Handler = async ({ caller, body }, { gateway }) => {
  const { digest } = readBody(newKey, body);
  const key = await gateway.signingKeys.create(caller, { digest });
  const { key_id, ...more } = present(key);
  return { status: 201, body: { key_id, public_key: key.publicKey, ...more } };
};

/** `GET /v1/iam/signature_keys?page=1&page_size=10`: both are required. */
const list: Handler = async ({ caller, query }, { gateway }) => {
  const page = readNumber(query, 'page');
  const limit = readNumber(query, 'page_size');
  const keys = await gateway.signingKeys.list(caller, { limit, offset: (page - 1) * limit });
  return { status: 200, body: keys.map(present) };
};

/** `GET /v1/iam/signature_keys/{key_id}` */
const show: Handler = async ({ caller, params }, { gateway }) => {
  const key = await gateway.signingKeys.find(caller, keyIdOf(params));
  if (!key) throw noSuchKey();
  return { status: 200, body: present(key) };
};

/** `DELETE /v1/iam/signature_keys/{key_id}` */
const remove: Handler = async ({ caller, params }, { gateway }) => {
  if (!(await gateway.signingKeys.remove(caller, keyIdOf(params)))) throw noSuchKey();
  return { status: 200 };
};

/** `GET /v1/iam/signature_keys/enabled` */
const showEnabled: Handler = async ({ caller }, { gateway }) => {
  const key = await gateway.signingKeys.enabled(caller);
  if (!key) throw new GatewayError('not_found', 'Currently no key is enabled');
  return { status: 200, body: present(key) };
};

/** `PATCH /v1/iam/signature_keys/enabled` */
const enable: Handler = async ({ caller, body }, { gateway }) => {
  const id = readBody(choice, body).key_id.toLowerCase() as SigningKeyId;
  const key = await gateway.signingKeys.enable(caller, id);
  if (!key) throw noSuchKey();
  return { status: 200, body: present(key) };
};

/** `DELETE /v1/iam/signature_keys/enabled` */
const disable: Handler = async ({ caller }, { gateway }) => {
  await gateway.signingKeys.disable(caller);
  return { status: 204 };
};

/** Reference §8. */
export const signatureKeyEndpoints: readonly Endpoint[] = [
  {
    path: '/v1/iam/signature_keys',
    family: 'management',
    methods: { GET: list, POST: create },
  },
  {
    path: '/v1/iam/signature_keys/enabled',
    family: 'management',
    methods: { GET: showEnabled, PATCH: enable, DELETE: disable },
  },
  {
    path: '/v1/iam/signature_keys/:key_id',
    family: 'management',
    methods: { GET: show, DELETE: remove },
  },
];

function keyIdOf(params: Readonly<Record<string, string>>): SigningKeyId {
  const id = z.guid().safeParse(params['key_id']);
  if (id.success) return id.data.toLowerCase() as SigningKeyId;
  throw new GatewayError('invalid_request', 'key_id property value is invalid');
}

function noSuchKey(): GatewayError {
  return new GatewayError('not_found', 'Entity not found');
}

function present({ id, cipher, digest, createdAt, enabled }: SigningKey) {
  return { key_id: id, cipher, digest, created: formatIso(createdAt), enabled: enabled === 1 };
}

function readNumber(query: Query, name: string): number {
  const text = parameter(query, name) ?? '';
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new GatewayError('invalid_request', `${name} property value is invalid`);
}
