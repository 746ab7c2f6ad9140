import { expect } from 'vitest';
import type { Stage, SuiteEndpoint, WireAnswer, WireRequest } from '../../testkit/suite.ts';
import { bodyLimit } from '../routes.ts';
import { base, number } from './client.ts';
import type { Spec } from './suite.ts';
import { endpoint, foreign, foreignList, get, idOf, post } from './suite.ts';

type Account = Stage['account'];

const template = {
  sender: 'TXTSMS',
  name: 'temp',
  body: 'This is verification {{var1}} and {{var2}}',
  template_id: '1234567',
  type: 'T',
};
const receiver = { receiver: number, type: 'tag', value: 'promo' };
const block = { template_id: '12345', status: '1' };
const verification = { to: number, from: 'TXTSMS', payload: { token: '123456' } };

const templateOf = (stage: Stage, as?: Account) =>
  idOf(stage, post('/sms/templates', template), as);
const receiverOf = (stage: Stage, as?: Account) =>
  idOf(stage, post('/sms/suppressions/unsubscribers', receiver), as);
const blockOf = (stage: Stage, as?: Account) =>
  idOf(stage, post('/sms/suppressions/templates', block), as);
let serial = 0;
const contactOf = (stage: Stage, as?: Account) =>
  idOf(stage, post('/contacts', { external_id: `contact ${++serial}`, name: 'Ana' }), as);
const groupOf = (path: string) => (stage: Stage, as?: Account) =>
  idOf(stage, post(path, { name: `group ${++serial}` }), as);
async function verificationOf(stage: Stage, as?: Account): Promise<string> {
  const { body } = await stage.send(post('/verify/send', verification), as ?? stage.account);
  return (JSON.parse(body) as { id: string }).id;
}

/** A resource: its list, one of it, and what can be done with that one. */
function resource(
  path: string,
  make: (stage: Stage, as?: Account) => Promise<string>,
  body: object,
  methods: readonly ('PUT' | 'DELETE')[],
  notOfAll: readonly WireRequest['method'][] = ['PUT', 'PATCH', 'DELETE'],
): Spec[] {
  const one = (id: string): string => `${path}/${id}`;
  return [
    {
      name: `GET ${path}`,
      request: get(path),
      wrongMethods: notOfAll,
      foreign: foreignList(path, make),
    },
    { name: `POST ${path}`, request: post(path, body), wrongMethods: [], bodyLimit },
    {
      name: `GET ${path}/{id}`,
      request: async (stage: Stage) => get(one(await make(stage))),
      wrongMethods: ['POST', 'PATCH'],
      foreign: foreign('GET', one, make),
    },
    ...methods.map(
      (method): Spec => ({
        name: `${method} ${path}/{id}`,
        request: async (stage: Stage): Promise<WireRequest> => ({
          method,
          path: base + one(await make(stage)),
          ...(method === 'PUT' && { body }),
        }),
        wrongMethods: [],
        foreign: foreign(method, one, make, method === 'PUT' ? body : undefined),
      }),
    ),
  ];
}

const failed = ({ status, body }: WireAnswer): void => {
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ status: 'failed' });
};
const named = { name: 'Customers' };
const suppressions = '/sms/suppressions';
const subscription = groupOf('/contacts/subscriptions');
const csv = (path: string, body: string): Spec => ({
  name: `POST ${path}`,
  request: {
    method: 'POST',
    path: base + path,
    headers: { 'content-type': 'text/csv' },
    body,
  },
  wrongMethods: ['PUT', 'PATCH'],
});

const specs: Spec[] = [
  ...resource('/sms/templates', templateOf, template, ['PUT', 'DELETE']),
  ...resource(`${suppressions}/unsubscribers`, receiverOf, receiver, ['PUT', 'DELETE'], ['PUT']),
  ...resource(`${suppressions}/templates`, blockOf, block, ['DELETE'], ['PUT']),
  ...['unsubscribers', 'templates'].map(
    (name): Spec => ({
      name: `DELETE ${suppressions}/${name}`,
      request: { method: 'DELETE', path: `${base}${suppressions}/${name}` },
      wrongMethods: [],
    }),
  ),
  {
    name: `POST ${suppressions}/optout/link`,
    request: post(`${suppressions}/optout/link`, { sender: 'TXTSMS' }),
    wrongMethods: ['GET', 'PUT', 'DELETE'],
    bodyLimit,
  },
  {
    name: 'POST sms/optout',
    request: post('/sms/optout', { number }),
    wrongMethods: ['GET', 'PUT', 'DELETE'],
    bodyLimit,
  },
  {
    name: 'DELETE sms/optout/{number}',
    request: async (stage: Stage): Promise<WireRequest> => {
      await stage.send(post('/sms/optout', { number }));
      return { method: 'DELETE', path: `${base}/sms/optout/${number}` };
    },
    wrongMethods: ['GET', 'POST', 'PUT'],
    foreign: foreign(
      'DELETE',
      () => '/sms/optout/919876543299',
      (stage, as) => idOf(stage, post('/sms/optout', { number: '919876543299' }), as),
    ),
  },
  {
    name: 'POST verify/send',
    request: post('/verify/send', verification),
    wrongMethods: ['GET', 'PUT', 'DELETE'],
    bodyLimit,
  },
  ...(['check', 'cancel'] as const).map((name): Spec => {
    const path = (id: string): string =>
      `/verify/${name}/${id}${name === 'check' ? '/000000' : ''}`;
    return {
      name: `GET verify/${name}`,
      request: async (stage: Stage) => get(path(await verificationOf(stage))),
      wrongMethods: ['POST', 'PUT', 'DELETE'],
      foreign: { ...foreign('GET', path, verificationOf), expect: failed },
    };
  }),
  {
    name: 'GET verify/search',
    request: async (stage: Stage) => get(`/verify/search/${await verificationOf(stage)}`),
    wrongMethods: ['POST', 'PUT', 'DELETE'],
    foreign: foreign('GET', (id) => `/verify/search/${id}`, verificationOf),
  },
  {
    name: 'POST lookup/verify',
    request: post('/lookup/verify', { to: number }),
    wrongMethods: ['GET', 'PUT', 'DELETE'],
    bodyLimit,
  },
  ...resource('/contacts', contactOf, { mobile: number, name: 'Ana' }, ['PUT', 'DELETE']),
  // Tags and subscriptions are the same code (`contact-groups.ts`).
  ...resource('/contacts/segments', groupOf('/contacts/segments'), named, ['PUT', 'DELETE']),
  {
    name: 'GET contacts/segments/{id}/subscribers',
    request: async (stage: Stage) =>
      get(`/contacts/segments/${await groupOf('/contacts/segments')(stage)}/subscribers`),
    wrongMethods: ['PUT', 'PATCH'],
    foreign: foreign(
      'GET',
      (id) => `/contacts/segments/${id}/subscribers`,
      groupOf('/contacts/segments'),
    ),
  },
  ...(['POST', 'DELETE'] as const).map(
    (method): Spec => ({
      name: `${method} contacts/segments/{id}/subscribers`,
      request: async (stage: Stage): Promise<WireRequest> => ({
        method,
        path: `${base}/contacts/segments/${await groupOf('/contacts/segments')(stage)}/subscribers`,
        body: { contacts: [await contactOf(stage)] },
      }),
      wrongMethods: [],
      foreign: {
        request: async (stage: Stage, stranger: Account): Promise<WireRequest> => ({
          method,
          path: `${base}/contacts/segments/${await groupOf('/contacts/segments')(stage)}/subscribers`,
          headers: { accept: 'application/json' },
          body: { contacts: [await contactOf(stage, stranger)] },
        }),
        expect: ({ status }) => expect(status).toBe(404),
      },
    }),
  ),
  ...(['GET', 'POST', 'DELETE'] as const).map((method): Spec => {
    const path = (id: string): string => `/contacts/${id}/identifiers`;
    const body = { type: 'external', value: 'another' };
    return {
      name: `${method} contacts/{id}/identifiers`,
      request: async (stage: Stage): Promise<WireRequest> => {
        const id = await contactOf(stage);
        if (method === 'DELETE') await stage.send(post(path(id), body));
        return { method, path: base + path(id), ...(method !== 'GET' && { body }) };
      },
      wrongMethods: ['PUT', 'PATCH'],
      foreign: foreign(method, path, contactOf, method === 'GET' ? undefined : body),
    };
  }),
  {
    name: 'GET contacts/identifiers',
    request: async (stage: Stage) => {
      await contactOf(stage);
      return get(`/contacts/identifiers?type=external&value=contact%20${serial}`);
    },
    wrongMethods: ['POST', 'PATCH'],
    foreign: {
      request: async (stage: Stage, stranger: Account): Promise<WireRequest> => {
        await contactOf(stage, stranger);
        return {
          ...get(`/contacts/identifiers?type=external&value=contact%20${serial}`),
          headers: { accept: 'application/json' },
        };
      },
      expect: ({ status }) => expect(status).toBe(404),
    },
  },
  {
    name: `POST contacts/{id}/unsubscribe`,
    request: async (stage: Stage) => post(`/contacts/${await contactOf(stage)}/unsubscribe`, {}),
    wrongMethods: ['GET', 'PUT', 'DELETE'],
    foreign: foreign('POST', (id) => `/contacts/${id}/unsubscribe`, contactOf, {}),
  },
  {
    name: `POST contacts/{id}/unsubscribe/{sId}`,
    request: async (stage: Stage) =>
      post(`/contacts/${await contactOf(stage)}/unsubscribe/${await subscription(stage)}`, {}),
    wrongMethods: ['GET', 'PUT', 'DELETE'],
    foreign: {
      request: async (stage: Stage, stranger: Account): Promise<WireRequest> => ({
        ...post(
          `/contacts/${await contactOf(stage)}/unsubscribe/${await subscription(stage, stranger)}`,
          {},
        ),
        headers: { accept: 'application/json' },
      }),
      expect: ({ status }) => expect(status).toBe(404),
    },
  },
  {
    name: 'POST contacts/merge',
    request: async (stage: Stage) =>
      post('/contacts/merge', { into: await contactOf(stage), from: await contactOf(stage) }),
    wrongMethods: ['PATCH'],
    bodyLimit,
    foreign: {
      request: async (stage: Stage, stranger: Account): Promise<WireRequest> => ({
        ...post('/contacts/merge', {
          into: await contactOf(stage),
          from: await contactOf(stage, stranger),
        }),
        headers: { accept: 'application/json' },
      }),
      expect: ({ status }) => expect(status).toBe(404),
    },
  },
  csv(`${suppressions}/unsubscribers/import`, `receiver\n${number}\n`),
  csv(`${suppressions}/templates/import`, 'template_id,status\n12,1\n'),
  csv('/contacts/import/subscribers', `mobile,name\n${number},Ana\n`),
  {
    name: 'GET contacts/import/subscribers',
    request: get('/contacts/import/subscribers'),
    wrongMethods: [],
  },
  {
    name: 'GET contacts/import/subscribers/{id}',
    request: async (stage: Stage) => get(`/contacts/import/subscribers/${await importOf(stage)}`),
    wrongMethods: ['PUT', 'DELETE'],
    foreign: foreign('GET', (id) => `/contacts/import/subscribers/${id}`, importOf),
  },
];

function importOf(stage: Stage, as?: Account): Promise<string> {
  const request = { ...post('/contacts/import/subscribers', 'mobile\n'), headers: csvType };
  return idOf(stage, request, as);
}
const csvType = { 'content-type': 'text/csv' };

/** Templates, suppressions, verification, look-ups and contacts. */
export const audienceEndpoints: readonly SuiteEndpoint[] = specs.map(endpoint);
