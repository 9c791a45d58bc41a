import t from 'tap';
import {
  APPROVING_ROLES,
  isPermission,
  MACHINE_PERMISSIONS,
  PERMISSIONS,
  permissionsOf,
  ROLE_PERMISSIONS,
  ROLES,
} from '../../src/shared/permissions.ts';

t.test('roles together may what each may', (t) => {
  const both = permissionsOf(['receiver', 'buyer']);
  t.equal(both, permissionsOf(['buyer', 'receiver']), 'made once');
  for (const permission of [...ROLE_PERMISSIONS.buyer, ...ROLE_PERMISSIONS.receiver]) t.ok(both.has(permission));
  t.equal(permissionsOf([]).size, 0);
  t.end();
});

t.test('each role may what the contract says, and not its neighbour’s work', (t) => {
  const cases = [
    ['vendor_manager', 'vendor:approve', 'payment:create'],
    ['buyer', 'purchase_order:submit', 'purchase_order:approve'],
    ['approver', 'purchase_order:approve', 'purchase_order:create'],
    ['receiver', 'receipt:create', 'invoice:create'],
    ['ap_clerk', 'invoice:match', 'invoice:approve'],
    ['ap_manager', 'invoice:approve', 'payment:approve'],
    ['treasurer', 'bank_details:read', 'invoice:approve'],
    ['admin', 'user:create', 'payment:approve'],
    ['auditor', 'audit:read', 'user:create'],
  ] as const;
  for (const [role, may, mayNot] of cases) {
    t.ok(permissionsOf([role]).has(may), `${role} may ${may}`);
    t.notOk(permissionsOf([role]).has(mayNot), `${role} may not ${mayNot}`);
  }
  for (const role of ROLES) {
    const reads = ['vendor:read', 'purchase_order:read', 'receipt:read', 'invoice:read', 'payment:read'] as const;
    for (const read of reads) t.equal(permissionsOf([role]).has(read), role !== 'integration', `${role} ${read}`);
    t.equal(permissionsOf([role]).has('bank_details:read'), role === 'treasurer', role);
  }
  t.end();
});

t.test('a machine is given no decision', (t) => {
  t.same(
    MACHINE_PERMISSIONS.filter((permission) => /approve|override|^user|^api_key|^settings/.test(permission)),
    [],
  );
  t.ok(MACHINE_PERMISSIONS.includes('invoice:create'));
  t.notOk(APPROVING_ROLES.includes('buyer'));
  t.end();
});

t.test('a permission is known by its name, and each is once in the list', (t) => {
  t.equal(isPermission('vendor:read'), true);
  t.equal(isPermission('vendor:fly'), false);
  t.equal(new Set(PERMISSIONS).size, PERMISSIONS.length);
  t.end();
});
