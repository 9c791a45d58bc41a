/** Which roles may which operation, as a page: from the OpenAPI document and the table of roles. */
import { type Permission, permissionsOf, ROLES } from '../src/shared/permissions.ts';

interface Operation {
  readonly operationId?: string;
  readonly security?: readonly unknown[];
  readonly 'x-permission'?: readonly Permission[];
}
interface Document {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export function permissionTable({ paths = {} }: Document): string {
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [
      `\`${method.toUpperCase()} ${path.replace('/api/v1', '')}\``,
      permissionOf(operation),
      rolesOf(operation),
    ]),
  );
  const header = ['operation', 'permission', 'roles'];
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [
    TITLE,
    line(header),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map(line),
    '',
  ].join('\n');
}

const TITLE = `# Permissions

Written by \`npm run openapi\`; a test checks it over HTTP. Paths are under \`/api/v1\`. Where several permissions are named, one is enough.
An API key has the permissions that its scopes name. Segregation of duties is not here: it depends on the history of each object.
`;

function permissionOf({ security, 'x-permission': permissions = [] }: Operation): string {
  if (security?.length === 0) return 'public';
  return permissions.length === 0 ? 'any sign-in' : permissions.map((each) => `\`${each}\``).join(', ');
}

function rolesOf({ 'x-permission': permissions = [] }: Operation): string {
  const allowed = ROLES.filter((role) => permissions.some((each) => permissionsOf([role]).has(each)));
  return allowed.map((role) => `\`${role}\``).join(', ');
}
