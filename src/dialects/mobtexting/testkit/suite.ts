import { expect } from 'vitest';
import { privateWord } from '../../testkit/stage.ts';
import type {
  DialectSuite,
  Stage,
  SuiteEndpoint,
  WireAnswer,
  WireRequest,
} from '../../testkit/suite.ts';
import { mobtexting } from '../index.ts';
import { bodyLimit } from '../routes.ts';
import { manyLimit } from '../send.ts';
import { base, number, wish } from './client.ts';

/** Who reads JSON is told so, whether or not he has logged in. */
const json = { accept: 'application/json' };

/** What the runner needs to know of this dialect. */
export function suiteOf(endpoints: readonly SuiteEndpoint[]): DialectSuite {
  return {
    dialect: mobtexting,
    account: { ...wish, settings: { registers: true } },
    endpoints,
    wrongLogIns: [
      ['a wrong token', { password: 'not it' }],
      ['an empty token', { password: '' }],
    ],
    unknownPaths: [
      '/',
      '',
      '/api',
      base,
      '/sms/send',
      '/api/v1/sms/send',
      '/api/v3/sms/send',
      '//api/v2/sms/send',
      `${base}/sms`,
      `${base}/sms/send/other`,
      `${base}/developer`,
      `${base}/auth/token/generate`,
    ],
    expectError: ({ body, headers }) => {
      expect(headers['content-type']).toBe('application/json');
      const error = JSON.parse(body) as Record<string, unknown>;
      expect(error['status']).toBe('ERROR');
      expect(error['data']).toEqual(error['code'] === 422 ? [] : undefined);
      expect(error['message']).toMatch(/\S/);
      expect(body).toBe(JSON.stringify(error));
    },
    refusals: {
      unauthenticated: {
        status: 401,
        body: '{"status":"ERROR","code":401,"message":"Unauthenticated."}',
      },
      suspended: {
        status: 403,
        body: '{"status":"ERROR","code":403,"message":"This account is suspended."}',
      },
      unknownPath: {
        status: 404,
        body: '{"status":"ERROR","code":404,"message":"Not Found"}',
      },
      wrongMethod: { status: 405 },
      brokenJson: { status: 400 },
      bodyTooLarge: { status: 413 },
      headersTooLarge: { status: 431 },
    },
  };
}

const logIn: NonNullable<SuiteEndpoint['logIn']> = (request, { password }) => ({
  ...request,
  headers: { authorization: `Bearer ${password}`, ...request.headers },
});

export type Spec = Omit<SuiteEndpoint, 'logIn' | 'request'> & {
  request: WireRequest | ((stage: Stage) => Promise<WireRequest>);
};

/** An endpoint that is asked by who reads JSON. */
export function endpoint({ request, ...spec }: Spec): SuiteEndpoint {
  const asking = (one: WireRequest): WireRequest => ({
    ...one,
    headers: { ...json, ...one.headers },
  });
  return {
    ...spec,
    logIn,
    request:
      typeof request === 'function'
        ? async (stage) => asking(await request(stage))
        : asking(request),
  };
}

let customers = 0;
const text = `Hello, ${privateWord}`;
const message = { sender: 'TXTSMS', to: number, service: 'T', message: text };
export const get = (path: string): WireRequest => ({ method: 'GET', path: base + path });
export const post = (path: string, body: unknown): WireRequest => ({
  method: 'POST',
  path: base + path,
  body,
});

export async function idOf(
  stage: Stage,
  request: WireRequest,
  as = stage.account,
): Promise<string> {
  const answer = await stage.send(request, as);
  const { data } = JSON.parse(answer.body) as { data: { id: string } | { id: string }[] };
  return String((Array.isArray(data) ? data[0] : data)?.id);
}

const sent = (stage: Stage, as = stage.account): Promise<string> =>
  idOf(stage, post('/sms/send', message), as);
const sender = { name: 'SENDER', country_code: 'AU', service: 'G' };
const senderOf = (stage: Stage, as = stage.account): Promise<string> =>
  idOf(stage, post('/sms/senders', sender), as);
const hook = { name: 'shop', uri: 'https://shop.example/dlr' };
const hookOf = (stage: Stage, as = stage.account): Promise<string> =>
  idOf(stage, post('/developer/webhooks', hook), as);
async function subscriptionOf(stage: Stage, as = stage.account): Promise<string> {
  const webhook_id = await hookOf(stage, as);
  const body = { event: 'sms:message:status', identity: 'all', webhook_id };
  return idOf(stage, post('/developer/subscriptions', body), as);
}

const link = { long_url: 'https://shop.example/sale', title: 'Sale' };
const linkOf = (stage: Stage, as = stage.account): Promise<string> =>
  idOf(stage, post('/link/urls', link), as);

const noRows = ({ body }: WireAnswer): void =>
  expect(JSON.parse(body)).toMatchObject({ status: 'OK', data: [] });
const notFound = ({ status, body }: WireAnswer): void =>
  expect({ status, body }).toEqual({
    status: 404,
    body: '{"status":"ERROR","code":404,"message":"Requested entity was not found."}',
  });

/** A resource of the stranger's, by whatever verb. */
export function foreign(
  method: WireRequest['method'],
  path: (id: string) => string,
  make: (stage: Stage, as: Stage['account']) => Promise<string>,
  body?: object,
): NonNullable<SuiteEndpoint['foreign']> {
  return {
    request: async (stage, stranger) => ({
      method,
      path: base + path(await make(stage, stranger)),
      headers: json,
      ...(body && { body }),
    }),
    expect: notFound,
  };
}

/** A list in which nothing of the stranger's stands. */
export function foreignList(
  path: string,
  make: (stage: Stage, as: Stage['account']) => Promise<string>,
): NonNullable<SuiteEndpoint['foreign']> {
  return {
    request: async (stage, stranger) => {
      await make(stage, stranger);
      return { ...get(path), headers: json };
    },
    expect: noRows,
  };
}

const several = { root: message, nodes: [{ to: number }] };
const xml =
  `<data><root><sender>TXTSMS</sender><service>T</service></root><nodes><node>` +
  `<to>${number}</to><message>${text}</message></node></nodes></data>`;
const unified = (name: string) => ({
  channels: [{ name, from: 'TXTSMS' }],
  recipient: { to: [number] },
  message: { type: 'text', payload: { text } },
});
const hookPath = (id: string): string => `/developer/webhooks/${id}`;
const senderPath = (id: string): string => `/sms/senders/${id}`;
const subscriptionPath = (id: string): string => `/developer/subscriptions/${id}`;
const linkPath = (id: string): string => `/link/urls/${id}`;
const visitsPath = (id: string): string => `/link/urls/${id}/visits`;
const change = { entity_name: 'SAMPLE COMPANY' };

export const endpoints: readonly SuiteEndpoint[] = [
  { name: 'GET auth/me', request: get('/auth/me'), wrongMethods: ['POST', 'PUT', 'DELETE'] },
  {
    name: 'POST sms/send',
    request: post('/sms/send', message),
    wrongMethods: ['PUT', 'PATCH', 'DELETE'] as const,
    bodyLimit,
  },
  {
    name: 'GET sms/send',
    request: get(`/sms/send?${new URLSearchParams(message).toString()}`),
    wrongMethods: [],
  },
  ...['/sms/clevertap/send', '/sms/moengage/send'].map((path) => ({
    name: `POST ${path}`,
    request: post(path, message),
    wrongMethods: ['GET', 'PUT'] as const,
    bodyLimit,
  })),
  ...['/sms/send/json', '/sms/clevertap/json'].map((path) => ({
    name: `POST ${path}`,
    request: post(path, several),
    wrongMethods: ['GET', 'PUT'] as const,
    bodyLimit: manyLimit,
  })),
  {
    name: 'POST finance/credits',
    request: async (stage: Stage) => {
      const { id } = stage.account.account;
      const customer = await stage.world.account({ ...wish, parentId: id, credits: 0 });
      const username = customer.account.name;
      return post('/finance/credits', { username, service: 'T', credits: 1 });
    },
    wrongMethods: ['GET', 'PUT', 'DELETE'] as const,
    bodyLimit,
  },
  {
    name: 'POST register',
    request: async () => {
      const name = `customer ${++customers}`;
      return post('/register', { name, email: `customer-${customers}@shop.example` });
    },
    wrongMethods: ['GET', 'PUT', 'DELETE'] as const,
    bodyLimit,
  },
  {
    name: 'POST sms/send/template',
    request: async (stage: Stage) => {
      const { gateway } = stage.world;
      const made = { name: 'greeting', body: `${text} {{name}}`, sender: 'TXTSMS' };
      const { alias } = await gateway.templates.add(await stage.account.caller(), made);
      const recipient = { to: [number] };
      return post('/sms/send/template', { alias, recipient, data: { name: 'Asha' } });
    },
    wrongMethods: ['GET', 'PUT', 'DELETE'] as const,
    bodyLimit,
  },
  {
    name: 'POST sms/send/xml',
    request: post('/sms/send/xml', xml),
    wrongMethods: ['GET'] as const,
  },
  ...['sms', 'whatsapp', 'rcs', 'viber', 'voice'].map((channel) => ({
    name: `POST ${channel}/message/send`,
    request: post(`/${channel}/message/send`, unified(channel)),
    wrongMethods: ['GET', 'PUT'] as const,
    bodyLimit,
  })),
  {
    name: 'GET sms/status',
    request: async (stage: Stage) => get(`/sms/status?id=${await sent(stage)}`),
    wrongMethods: ['POST', 'PUT', 'DELETE'] as const,
    foreign: {
      request: async (stage: Stage, stranger: Stage['account']) => ({
        ...get(`/sms/status?id=${await sent(stage, stranger)}`),
        headers: json,
      }),
      expect: noRows,
    },
  },
  ...['/sms/report', '/sms/activity', '/sms/pricing', '/sms/locations/coveragelist'].map(
    (path) => ({
      name: `GET ${path}`,
      request: get(path),
      wrongMethods: ['POST', 'DELETE'] as const,
    }),
  ),
  {
    name: 'GET sms/senders',
    request: get('/sms/senders'),
    wrongMethods: ['PUT', 'PATCH', 'DELETE'] as const,
  },
  {
    name: 'POST sms/senders',
    request: post('/sms/senders', sender),
    wrongMethods: [],
    bodyLimit,
  },
  {
    name: 'GET sms/senders/{id}',
    request: async (stage: Stage) => get(senderPath(await senderOf(stage))),
    wrongMethods: ['POST', 'PATCH'] as const,
    foreign: foreign('GET', senderPath, senderOf),
  },
  {
    name: 'DELETE sms/senders/{id}',
    request: async (stage: Stage): Promise<WireRequest> => ({
      method: 'DELETE',
      path: base + senderPath(await senderOf(stage)),
    }),
    wrongMethods: [],
    foreign: foreign('DELETE', senderPath, senderOf),
  },
  {
    name: 'PUT sms/senders/{id}',
    request: async (stage: Stage): Promise<WireRequest> => {
      const [first] = await stage.world.gateway.senders.list(stage.account.account.id);
      return { method: 'PUT', path: base + senderPath(String(first?.id)), body: change };
    },
    wrongMethods: [],
    bodyLimit,
    foreign: foreign('PUT', senderPath, senderOf, change),
  },
  ...['/finance/balance', '/account/balance'].map((path) => ({
    name: `GET ${path}`,
    request: get(path),
    wrongMethods: ['PUT', 'DELETE'] as const,
  })),
  {
    name: 'GET developer/webhooks',
    request: get('/developer/webhooks'),
    wrongMethods: ['PUT', 'PATCH', 'DELETE'] as const,
    foreign: foreignList('/developer/webhooks', hookOf),
  },
  {
    name: 'POST developer/webhooks',
    request: post('/developer/webhooks', hook),
    wrongMethods: [],
    bodyLimit,
  },
  ...(['GET', 'PUT', 'DELETE'] as const).map((method) => ({
    name: `${method} developer/webhooks/{id}`,
    request: async (stage: Stage): Promise<WireRequest> => ({
      method,
      path: base + hookPath(await hookOf(stage)),
      ...(method === 'PUT' && { body: hook }),
    }),
    wrongMethods: ['POST', 'PATCH'] as const,
    foreign: foreign(method, hookPath, hookOf, method === 'PUT' ? hook : undefined),
  })),
  {
    name: 'GET developer/subscriptions',
    request: get('/developer/subscriptions'),
    wrongMethods: ['PUT', 'DELETE'] as const,
    foreign: foreignList('/developer/subscriptions', subscriptionOf),
  },
  ...(['GET', 'DELETE'] as const).map((method) => ({
    name: `${method} developer/subscriptions/{id}`,
    request: async (stage: Stage): Promise<WireRequest> => ({
      method,
      path: base + subscriptionPath(await subscriptionOf(stage)),
    }),
    wrongMethods: ['POST', 'PUT'] as const,
    foreign: foreign(method, subscriptionPath, subscriptionOf),
  })),
  {
    name: 'GET link/urls',
    request: get('/link/urls'),
    wrongMethods: ['PUT', 'PATCH', 'DELETE'] as const,
    foreign: foreignList('/link/urls', linkOf),
  },
  { name: 'POST link/urls', request: post('/link/urls', link), wrongMethods: [], bodyLimit },
  ...(['GET', 'PUT', 'DELETE'] as const).map((method) => ({
    name: `${method} link/urls/{id}`,
    request: async (stage: Stage): Promise<WireRequest> => ({
      method,
      path: base + linkPath(await linkOf(stage)),
      ...(method === 'PUT' && { body: link }),
    }),
    wrongMethods: ['POST', 'PATCH'] as const,
    foreign: foreign(method, linkPath, linkOf, method === 'PUT' ? link : undefined),
  })),
  {
    name: 'GET link/urls/{id}/visits',
    request: async (stage: Stage) => get(visitsPath(await linkOf(stage))),
    wrongMethods: ['POST', 'PUT', 'DELETE'] as const,
    foreign: foreign('GET', visitsPath, linkOf),
  },
  ...['generate', 'refresh'].map((name) => ({
    name: `GET v3 auth/token/${name}`,
    request: { method: 'GET', path: `/api/v3/auth/token/${name}` } as const,
    wrongMethods: ['PUT', 'DELETE'] as const,
  })),
].map((spec) => endpoint(spec as Spec));
