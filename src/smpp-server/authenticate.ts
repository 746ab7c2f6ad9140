import { GatewayError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Gateway } from '../core/gateway.ts';
import type { AccountId, CredentialId } from '../core/ids.ts';
import type { BindCommand, PduOf } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { AllowList } from '../dialects/shared/allow-list.ts';
import { channel } from './outgoing.ts';
import type { CredentialSettings } from './settings.ts';
import { credentialSettingsOf } from './settings.ts';

/** As long as a system_id may be (SMPP 3.4, 5.2.1). */
export const longestSystemId = 15;

export type Login =
  | {
      ok: true;
      accountId: AccountId;
      accountName: string;
      credentialId: CredentialId;
      settings: CredentialSettings;
      /** Gives back its place among those that may be bound with the credential. */
      release: () => void;
    }
  /** `why` is for the owner. */
  | { ok: false; status: number; why: string };

const no = (status: number, why: string) => ({ ok: false, status, why }) as const;

/**
 * Finds out who binds. A name that nobody has and a wrong password get the same answer after the same work.
 * That more binds than allowed is ESME_RBINDFAIL and not ESME_RALYBND has a reason: Kannel takes the
 * latter for success.
 */
export async function logIn(
  { systemId, password }: PduOf<BindCommand>,
  address: string,
  gateway: Gateway,
): Promise<Login> {
  if (systemId === '' || systemId.length > longestSystemId) {
    return no(statuses.ESME_RINVSYSID, 'it is no system_id');
  }
  try {
    const asked = { username: systemId, password };
    const { caller, credential } = await gateway.authenticate.login(channel, asked, address);
    const settings = credentialSettingsOf(credential.settings);
    if (!settings) return no(statuses.ESME_RBINDFAIL, 'its credential has settings of no sense');
    if (!new AllowList(settings.allow).allows(address)) {
      return no(statuses.ESME_RBINDFAIL, 'it may not bind from this address');
    }
    const place = `smpp ${credential.id}`;
    const release = await gateway.places.enter(place, settings.maxBinds);
    if (!release) return no(statuses.ESME_RBINDFAIL, 'as many as allowed are bound');
    const { account } = caller.view;
    return {
      ok: true,
      accountId: account.id,
      accountName: account.name,
      credentialId: credential.id,
      settings,
      release,
    };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return no(bindStatuses[error.code] ?? statuses.ESME_RSYSERR, error.detail);
  }
}

const bindStatuses: Partial<Record<ErrorCode, number>> = {
  unauthenticated: statuses.ESME_RINVPASWD,
  account_suspended: statuses.ESME_RBINDFAIL,
  too_many_attempts: statuses.ESME_RBINDFAIL,
};
