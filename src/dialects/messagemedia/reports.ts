import type { Endpoint, Handler } from './call.ts';
import { confirmPolled, poll } from './polling.ts';
import { presentReport } from './present.ts';
import { confirmedReports, readBody } from './schema.ts';

/** `GET /v1/delivery_reports`: the oldest that are not confirmed. */
const listReports: Handler = async (call, { gateway }) => ({
  status: 200,
  body: { delivery_reports: await poll(call, gateway, 'reports', presentReport) },
});

/** `POST /v1/delivery_reports/confirmed` */
const confirmReports: Handler = async (call, { gateway }) => {
  const { delivery_report_ids: ids } = readBody(confirmedReports, call.body);
  return confirmPolled(call, gateway, 'reports', ids);
};

export const reportEndpoints: readonly Endpoint[] = [
  { path: '/v1/delivery_reports', family: 'messages', methods: { GET: listReports } },
  {
    path: '/v1/delivery_reports/confirmed',
    family: 'messages',
    methods: { POST: confirmReports },
  },
];
