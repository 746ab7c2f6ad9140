/**
 * Branded identifiers: a message id never passes for an account id. All are UUIDs of version 7
 * (time-ordered, so that new rows land at the end of an index) made by the `Ids` port.
 */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type AccountId = Id<'account'>;
/**
 * Of what an account is offered at a price of its own. No UUID alone: it sorts behind those of all accounts, so that
 * balances are locked in one order, accounts' first.
 */
export type ProductId = Id<'product'>;
/** What has a balance: an account, or a product of one. */
export type PurseId = AccountId | ProductId;
export type CredentialId = Id<'credential'>;
export type SubmissionId = Id<'submission'>;
export type MessageId = Id<'message'>;
export type CampaignId = Id<'campaign'>;
export type ReplyId = Id<'reply'>;
export type SenderId = Id<'sender'>;
export type SenderRequestId = Id<'sender request'>;
/** A number of the pool. */
export type NumberId = Id<'number'>;
export type EndpointId = Id<'endpoint'>;
export type ScopedOptoutId = Id<'scoped opt-out'>;
export type TemplateId = Id<'template'>;
export type VerificationId = Id<'verification'>;
export type ContactId = Id<'contact'>;
export type ContactGroupId = Id<'contact group'>;
export type ContactImportId = Id<'contact import'>;
export type SigningKeyId = Id<'signing key'>;
export type NotificationId = Id<'notification'>;
/** A file of the archive. */
export type ArchiveFileId = Id<'archive file'>;
export type LedgerEntryId = Id<'ledger'>;
/** One run of the program. A new one at every start, so that an old run's leases are known as dead. */
export type NodeId = Id<'node'>;
/** A person who logs in to the console. */
export type UserId = Id<'user'>;
export type MailId = Id<'mail'>;
export type AuditId = Id<'audit entry'>;
/** A link's name in the configuration; it is stored with each message that was routed to it. */
export type LinkId = Id<'link'>;
/** Of a phone: no UUID, since its protocol has room for 21 characters. */
export type DeviceId = Id<'device'>;
