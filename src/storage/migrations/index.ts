import { first } from './0001-first.ts';
import { nodes } from './0002-nodes.ts';
import { installation } from './0003-installation.ts';
import { rates } from './0004-rates.ts';
import { lists } from './0005-lists.ts';
import { routing } from './0006-routing.ts';
import { segments } from './0007-segments.ts';
import { heard } from './0008-heard.ts';
import { sessions } from './0009-sessions.ts';
import { polling } from './0010-polling.ts';
import { numbers } from './0011-numbers.ts';
import { shortLinks } from './0012-short-links.ts';
import { devices } from './0013-devices.ts';
import { history } from './0014-history.ts';
import { products } from './0015-products.ts';
import { campaigns } from './0016-campaigns.ts';
import { users } from './0017-users.ts';
import { audience } from './0018-audience.ts';
import { flash } from './0019-flash.ts';
import { archive } from './0020-archive.ts';
import { orders } from './0021-orders.ts';
import { batches } from './0022-batches.ts';
import { keptRefusals } from './0023-kept-refusals.ts';
import { repeatedPieces } from './0024-repeated-pieces.ts';
import { waitingReceipts } from './0025-waiting-receipts.ts';
import { loneParts } from './0026-lone-parts.ts';
import { ledgerKey } from './0027-ledger-key.ts';
import type { Migration } from './migration.ts';

/** In order, without gaps. */
export const migrations: readonly Migration[] = [
  first,
  nodes,
  installation,
  rates,
  lists,
  routing,
  segments,
  heard,
  sessions,
  polling,
  numbers,
  shortLinks,
  devices,
  history,
  products,
  campaigns,
  users,
  audience,
  flash,
  archive,
  orders,
  batches,
  keptRefusals,
  repeatedPieces,
  waitingReceipts,
  loneParts,
  ledgerKey,
];
