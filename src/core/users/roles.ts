/** What a user of the console is to his account (or, of the owner's own users, to all accounts). The highest first. */
export const roles = ['owner', 'admin', 'operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** Whatever may be done by the console's API, each thing by one word. */
export const abilities = [
  'account:read',
  'users:read',
  'users:manage',
  'tokens:read',
  'tokens:manage',
  'audit:read',
  'campaigns:read',
  'campaigns:manage',
] as const;
export type Ability = (typeof abilities)[number];

/** What each role may do: a new ability does not compile until each role has been asked. */
const table: Readonly<Record<Role, Readonly<Record<Ability, boolean>>>> = {
  owner: {
    'account:read': true,
    'users:read': true,
    'users:manage': true,
    'tokens:read': true,
    'tokens:manage': true,
    'audit:read': true,
    'campaigns:read': true,
    'campaigns:manage': true,
  },
  admin: {
    'account:read': true,
    'users:read': true,
    'users:manage': true,
    'tokens:read': true,
    'tokens:manage': true,
    'audit:read': true,
    'campaigns:read': true,
    'campaigns:manage': true,
  },
  operator: {
    'account:read': true,
    'users:read': true,
    'users:manage': false,
    'tokens:read': true,
    'tokens:manage': false,
    'audit:read': false,
    'campaigns:read': true,
    'campaigns:manage': true,
  },
  viewer: {
    'account:read': true,
    'users:read': false,
    'users:manage': false,
    'tokens:read': false,
    'tokens:manage': false,
    'audit:read': false,
    'campaigns:read': true,
    'campaigns:manage': false,
  },
};

export function may(role: Role, ability: Ability): boolean {
  return table[role][ability];
}

/** Nobody gives, takes or touches a role above his own: only an owner makes or changes an owner. */
export function reaches(role: Role, other: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(other);
}
