/** Roles, what each may, in one table. Segregation of duties is not here: it is a rule on an object's history. */

export const PERMISSIONS = [
  'vendor:read',
  'vendor:create',
  'vendor:update',
  'vendor:delete',
  'vendor:approve',
  'vendor:hold',
  'vendor:release',
  'vendor:block',
  'vendor:unblock',
  'vendor:archive',
  'vendor:unarchive',
  'bank_account:create',
  'bank_account:approve',
  'bank_account:reject',
  'bank_account:revoke',
  'bank_details:read',
  'purchase_order:read',
  'purchase_order:create',
  'purchase_order:update',
  'purchase_order:submit',
  'purchase_order:recall',
  'purchase_order:approve',
  'purchase_order:reject',
  'purchase_order:send',
  'purchase_order:cancel',
  'purchase_order:close',
  'purchase_order:reopen',
  'purchase_order:amend',
  'receipt:read',
  'receipt:create',
  'receipt:reverse',
  'receipt:return',
  'invoice:read',
  'invoice:create',
  'invoice:update',
  'invoice:match',
  'invoice:dispute',
  'invoice:resolve',
  'invoice:hold',
  'invoice:approve',
  'invoice:approve_without_po',
  'invoice:reject',
  'invoice:override',
  'invoice:override_unmatched_line',
  'invoice:void',
  'invoice:release',
  'invoice:free_number',
  'invoice:apply',
  'invoice:unapply',
  'payment:read',
  'payment:create',
  'payment:approve',
  'payment:reject',
  'payment:hold',
  'payment:release',
  'payment:cancel',
  'payment:void',
  'payment:settle',
  'payment:fail',
  'payment:return',
  'payment:correct',
  'payment_batch:read',
  'payment_batch:create',
  'payment_batch:submit',
  'payment_batch:recall',
  'payment_batch:approve',
  'payment_batch:reject',
  'payment_batch:generate',
  'payment_batch:send',
  'payment_batch:cancel',
  'bank_message:read',
  'bank_message:create',
  'bank_message:confirm',
  'export:read',
  'export:download',
  'document:read',
  'document:create',
  'document:complete',
  'user:read',
  'user:create',
  'user:update',
  'user:disable',
  'user:enable',
  'user:reset_password',
  'user:approve',
  'user:confirm',
  'api_key:read',
  'api_key:create',
  'api_key:approve',
  'api_key:revoke',
  'settings:read',
  'settings:update',
  'settings:approve',
  'debtor_account:create',
  'debtor_account:update',
  'debtor_account:approve',
  'recovery:open',
  'recovery:release',
  'audit:read',
  'approval:read',
  'workday:read',
] as const; // prettier-ignore

export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = [
  'vendor_manager',
  'buyer',
  'approver',
  'receiver',
  'ap_clerk',
  'ap_manager',
  'treasurer',
  'admin',
  'auditor',
  'integration',
] as const;

export type Role = (typeof ROLES)[number];

/** Roles that can let money move; in production giving one takes a second admin. */
export const APPROVING_ROLES: readonly Role[] = ['vendor_manager', 'approver', 'ap_manager', 'treasurer'];

/** Roles that decide, name who decides, or lend a machine its work: in production none of them is given or kept by one admin alone. */
export const GUARDED_ROLES: ReadonlySet<Role> = new Set([...APPROVING_ROLES, 'admin', 'integration']);

const readsAll: readonly Permission[] = [
  'vendor:read',
  'purchase_order:read',
  'receipt:read',
  'invoice:read',
  'payment:read',
  'payment_batch:read',
  'approval:read',
];

const startingWith = (...prefixes: readonly string[]): Permission[] =>
  PERMISSIONS.filter((permission) => prefixes.some((prefix) => permission.startsWith(prefix)));
const without = (from: readonly Permission[], ...removed: readonly Permission[]): Permission[] =>
  from.filter((permission) => !removed.includes(permission));

const clerk: readonly Permission[] = [
  ...readsAll,
  'invoice:create',
  'invoice:update',
  'invoice:match',
  'invoice:dispute',
  'invoice:resolve',
  'invoice:hold',
  ...startingWith('document:'),
];

const everyRead: readonly Permission[] = without(
  PERMISSIONS.filter((permission) => permission.endsWith(':read')),
  'bank_details:read',
  'audit:read',
);

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  vendor_manager: [...readsAll, ...startingWith('vendor:', 'bank_account:'), 'user:confirm'],
  buyer: [
    ...readsAll,
    ...without(
      startingWith('purchase_order:'),
      'purchase_order:approve',
      'purchase_order:reject',
      'purchase_order:reopen',
    ),
  ],
  approver: [
    ...readsAll,
    'purchase_order:approve',
    'purchase_order:reject',
    'purchase_order:reopen',
    'invoice:approve_without_po',
    'user:confirm',
  ],
  receiver: [...readsAll, ...startingWith('receipt:')],
  ap_clerk: clerk,
  ap_manager: [...clerk, ...without(startingWith('invoice:'), 'invoice:approve_without_po'), 'user:confirm'],
  treasurer: [
    ...readsAll,
    ...startingWith('payment:', 'payment_batch:', 'bank_message:', 'export:', 'workday:'),
    'bank_details:read',
    'settings:read',
    'recovery:open',
    'recovery:release',
    'user:confirm',
  ],
  admin: [...everyRead, 'recovery:open', ...startingWith('user:', 'api_key:', 'settings:', 'debtor_account:')],
  auditor: [...everyRead, 'audit:read'],
  integration: [],
};

/** What these roles together may. */
export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  const key = [...roles].sort().join(',');
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = new Set(roles.flatMap((role) => ROLE_PERMISSIONS[role]));
  cache.set(key, made);
  return made;
}

/** At most 2^10 sets of roles exist, so the cache is bounded. */
const cache = new Map<string, ReadonlySet<Permission>>();

/**
 * What no API key may be given, whatever its owner may: to make people and keys, to see account numbers whole, to verify an account number
 * against its source, and to take a bank file out of the system stay with a person who signed in.
 */
export const PERSON_PERMISSIONS: ReadonlySet<Permission> = new Set<Permission>([
  'export:download',
  'bank_details:read',
  'bank_account:approve',
  'debtor_account:approve',
  ...without(startingWith('user:', 'api_key:'), 'user:read', 'api_key:read'),
]);

/**
 * What an API key may be given besides what its owner's own roles allow, where the owner has the role `integration`: the work of a
 * machine. Deciding what lets money move, undoing what was decided, and administration stay with people.
 */
export const MACHINE_PERMISSIONS: readonly Permission[] = without(
  PERMISSIONS.filter((permission) => !permission.endsWith(':approve') && !PERSON_PERMISSIONS.has(permission)),
  ...startingWith('user:', 'api_key:', 'settings:', 'debtor_account:', 'audit:', 'recovery:'),
  'purchase_order:reopen',
  'vendor:delete',
  'vendor:release',
  'vendor:unblock',
  'bank_account:revoke',
  'invoice:approve_without_po',
  'invoice:override',
  'invoice:override_unmatched_line',
  'invoice:void',
  'invoice:release',
  'invoice:free_number',
  'payment:release',
  'payment:void',
  'payment:settle',
  'payment:fail',
  'payment:return',
  'payment:correct',
  'payment_batch:recall',
  'payment_batch:cancel',
  'bank_message:confirm',
);

export const isPermission = (text: string): text is Permission => (PERMISSIONS as readonly string[]).includes(text);
