import type { Endpoint } from './call.ts';
import { bulkEndpoints } from './bulk.ts';
import { financeEndpoints } from './finance.ts';
import { linkEndpoints } from './links.ts';
import { meEndpoints } from './me.ts';
import { contactEndpoints } from './contacts.ts';
import { contactGroupEndpoints } from './contact-groups.ts';
import { importEndpoints } from './imports.ts';
import { lookupEndpoints } from './lookup.ts';
import { verifyEndpoints } from './verify.ts';
import { blockedTemplateEndpoints } from './blocked-templates.ts';
import { optoutLinkEndpoints } from './optout-links.ts';
import { optoutEndpoints } from './optouts.ts';
import { templateEndpoints } from './templates.ts';
import { unsubscriberEndpoints } from './unsubscribers.ts';
import { pricingEndpoints } from './pricing.ts';
import { registerEndpoints } from './register.ts';
import { reportEndpoints } from './reports.ts';
import { sendTemplateEndpoints } from './send-template.ts';
import { sendEndpoints } from './send.ts';
import { senderEndpoints } from './senders.ts';
import { statusEndpoints } from './status.ts';
import { subscriptionEndpoints } from './subscriptions.ts';
import { tokenEndpoints } from './tokens.ts';
import { unifiedEndpoints } from './unified.ts';
import { webhookEndpoints } from './webhooks.ts';

/** All of the API, one line for each module. A path may come several times, each time with other methods. */
export const endpoints: readonly Endpoint[] = [
  ...meEndpoints,
  ...sendEndpoints,
  ...sendTemplateEndpoints,
  ...bulkEndpoints,
  ...financeEndpoints,
  ...unifiedEndpoints,
  ...statusEndpoints,
  ...reportEndpoints,
  ...pricingEndpoints,
  ...senderEndpoints,
  ...webhookEndpoints,
  ...subscriptionEndpoints,
  ...tokenEndpoints,
  ...registerEndpoints,
  ...linkEndpoints,
  ...templateEndpoints,
  ...blockedTemplateEndpoints,
  ...unsubscriberEndpoints,
  ...optoutLinkEndpoints,
  ...optoutEndpoints,
  ...verifyEndpoints,
  ...lookupEndpoints,
  ...contactEndpoints,
  ...contactGroupEndpoints,
  ...importEndpoints,
];
