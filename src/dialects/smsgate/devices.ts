import { GatewayError } from '../../core/errors.ts';
import type { Endpoint, Handler } from './call.ts';
import { presentDevice } from './present.ts';

/** `GET /devices` */
const list: Handler = async ({ caller }, { gateway }) => {
  const devices = await gateway.devices.list(caller);
  return { status: 200, body: devices.map(presentDevice) };
};

/** `DELETE /devices/{id}` */
const remove: Handler = async ({ caller, params }, { gateway }) => {
  if (!(await gateway.devices.remove(caller, params['id'] ?? ''))) {
    throw new GatewayError('not_found', 'device not found');
  }
  return { status: 204 };
};

export const deviceEndpoints: readonly Endpoint[] = [
  { path: '/devices', methods: { GET: { scope: 'devices:list', handle: list } } },
  { path: '/devices/:id', methods: { DELETE: { scope: 'devices:delete', handle: remove } } },
];
