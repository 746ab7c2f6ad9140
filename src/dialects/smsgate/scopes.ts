/**
 * What a token may do (reference §11). Who logs in with name and password may do all. Others than these may be asked
 * for, as the reference server has it, and permit nothing.
 */
export const scopes = [
  'all:any',
  'messages:send',
  'messages:read',
  'messages:list',
  'messages:cancel',
  'messages:export',
  'devices:list',
  'devices:delete',
  'webhooks:list',
  'webhooks:write',
  'webhooks:delete',
  'settings:read',
  'settings:write',
  'logs:read',
  'inbox:list',
  'inbox:refresh',
  'tokens:manage',
] as const;
export type Scope = (typeof scopes)[number];

/** Of the token that gets the next pair: nobody asks for it, and it permits nothing else. */
export const renewalScope = 'tokens:refresh';

/** Everything. */
export const allScopes: readonly string[] = ['all:any'];

export function permits(held: readonly string[], wanted: string): boolean {
  return held.includes(wanted) || held.includes('all:any');
}
