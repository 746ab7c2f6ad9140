import { assignmentEndpoints } from './assignments.ts';
import { blocklistEndpoints } from './blocklist.ts';
import type { Endpoint } from './call.ts';
import { cancelEndpoints } from './cancel.ts';
import { creditsEndpoints } from './credits.ts';
import { dedicatedEndpoints } from './dedicated.ts';
import { linkReportEndpoints } from './link-reports.ts';
import { lookupEndpoints } from './lookup.ts';
import { phoneLookupEndpoints } from './lookups.ts';
import { replyEndpoints } from './replies.ts';
import { reportEndpoints } from './reports.ts';
import { sendEndpoints } from './send.ts';
import { senderAddressEndpoints } from './sender-addresses.ts';
import { senderRequestEndpoints } from './sender-requests.ts';
import { signatureKeyEndpoints } from './signature-keys.ts';
import { webhookEndpoints } from './webhooks.ts';

/** All of the API, one line for each module. A path may come several times, each time with other methods. */
export const endpoints: readonly Endpoint[] = [
  ...sendEndpoints,
  ...lookupEndpoints,
  ...cancelEndpoints,
  ...creditsEndpoints,
  ...replyEndpoints,
  ...reportEndpoints,
  ...webhookEndpoints,
  ...signatureKeyEndpoints,
  ...blocklistEndpoints,
  ...dedicatedEndpoints,
  ...assignmentEndpoints,
  ...senderRequestEndpoints,
  ...senderAddressEndpoints,
  ...phoneLookupEndpoints,
  ...linkReportEndpoints,
];
