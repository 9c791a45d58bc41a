/** What may be announced as a document, and what its stored bytes make of it. Pure. */
import { requireStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError, type ErrorItem, refuseIfAny, ruleError } from '../../shared/errors.ts';
import { ID_PREFIXES } from '../../shared/ids.ts';
import type { Permission } from '../../shared/permissions.ts';
import type { ScanVerdict } from '../../shared/storage/scan.ts';
import { CONTENT_TYPES, type CreateDocument, type DocumentEntity, type StoredDocument } from './document.schema.ts';

/** A document is as confidential as what it lies beside: reading it takes the permission to read that as well. */
export const readPermissionOf = (entity: DocumentEntity): Permission => `${entity}:read`;

/** @throws DomainError 403 */
export function requireReadable(permissions: ReadonlySet<Permission>, entity: DocumentEntity): void {
  const permission = readPermissionOf(entity);
  if (permissions.has(permission)) return;
  throw new DomainError(
    'forbidden',
    'auth.permission-missing',
    `A document follows what it lies beside; this takes the permission ${permission} as well.`,
  );
}

export function newDocument(id: string, body: CreateDocument, actorId: string): Draft<StoredDocument> {
  const errors: ErrorItem[] = [];
  const prefix = ID_PREFIXES[body.entity];
  if (!body.entity_id.startsWith(`${prefix}_`))
    errors.push({ pointer: '/entity_id', detail: `is no id of a ${words(body.entity)}; that starts with ${prefix}_` });
  const endings: readonly string[] = CONTENT_TYPES[body.content_type];
  if (!endings.includes(endingOf(body.filename)))
    errors.push({
      pointer: '/filename',
      detail: `must end with ${endings.map((ending) => `.${ending}`).join(' or ')} as ${body.content_type} does`,
    });
  if (/[\\/]/.test(body.filename)) errors.push({ pointer: '/filename', detail: 'must be a name without folders' });
  refuseIfAny('document.invalid', 'The document is invalid.', errors);
  return { id, status: 'pending', ...body, stored_at: null, scan: null, created_by: actorId };
}

const endingOf = (filename: string): string => filename.split('.').slice(1).pop()?.toLowerCase() ?? '';
const words = (entity: DocumentEntity): string => entity.replaceAll('_', ' ');

export const noSuchEntity = (body: Pick<CreateDocument, 'entity' | 'entity_id'>): DomainError =>
  ruleError('document.no-such-entity', `There is no ${words(body.entity)} with id ${body.entity_id}.`, [
    { pointer: '/entity_id', detail: 'names nothing' },
  ]);

export interface StoredBytes {
  readonly size: number;
  readonly sha256: string;
  /** What stands against the announced type, where the bytes were looked at. */
  readonly typeFinding?: string | undefined;
  /** Absent where there is no scanner. */
  readonly scan?: ScanVerdict | undefined;
}

export interface Completion {
  readonly document: Draft<StoredDocument>;
  readonly action: 'completed' | 'rejected' | 'quarantined' | 'downloaded';
  /** Why the bytes are not what was announced, or what was found in them. */
  readonly refusal?: DomainError;
}

export const isAnnounced = (document: StoredDocument, bytes: StoredBytes): boolean =>
  bytes.size === document.size && bytes.sha256 === document.sha256;

/** @throws DomainError 409 unless it is pending, 422 where nothing was uploaded yet */
export function completed(document: StoredDocument, bytes: StoredBytes | undefined, at: string): Completion {
  requireStatus('document', document.status, { action: 'complete', from: ['pending'] });
  if (bytes === undefined)
    throw ruleError('document.not-uploaded', 'Nothing was uploaded yet. Send the bytes to upload.url first.');
  const errors: ErrorItem[] = [];
  if (bytes.size !== document.size)
    errors.push({ pointer: '/size', detail: `${document.size} bytes were announced and ${bytes.size} are stored` });
  if (bytes.sha256 !== document.sha256)
    errors.push({ pointer: '/sha256', detail: `the stored bytes have the SHA-256 ${bytes.sha256}` });
  if (bytes.typeFinding !== undefined) errors.push({ pointer: '/content_type', detail: bytes.typeFinding });
  if (errors.length > 0)
    return {
      document: { ...document, status: 'rejected' },
      action: 'rejected',
      refusal: ruleError(
        'document.content-differs',
        'The stored bytes are not the ones announced; the document is rejected. Announce it again and upload anew.',
        errors,
      ),
    };
  if (bytes.scan?.kind === 'infected') return quarantined(document);
  const scan = bytes.scan?.kind ?? null;
  return { document: { ...document, status: 'stored', stored_at: at, scan }, action: 'completed' };
}

const quarantined = (document: StoredDocument): Completion => ({
  document: { ...document, status: 'quarantined', scan: 'infected' },
  action: 'quarantined',
  refusal: ruleError(
    'document.infected',
    'The malware scanner refuses the content. The document is in quarantine: nobody downloads it. Ask the sender for a clean file.',
  ),
});

/** With what the scanner says now, where it was asked. @throws DomainError 409 unless there is content that may leave */
export function downloaded(document: StoredDocument, scan: ScanVerdict | undefined): Completion {
  requireStored(document);
  if (scan?.kind === 'infected') return quarantined(document);
  if (scan?.kind === 'pending')
    throw conflictError('document.scan-pending', 'The content is not scanned for malware yet. Try again in a minute.');
  return { document: { ...document, scan: scan?.kind ?? document.scan }, action: 'downloaded' };
}

/** @throws DomainError 409 */
function requireStored({ status }: StoredDocument): void {
  if (status === 'stored') return;
  if (status === 'quarantined')
    throw conflictError(
      'document.quarantined',
      'The malware scanner refused the content. The document is in quarantine: nobody downloads it.',
    );
  throw conflictError('document.not-stored', `The document is ${status}; only a stored one has content.`);
}

/** @throws DomainError 413 */
export function requireAtMost({ size }: StoredDocument, most: number): void {
  if (size <= most) return;
  throw new DomainError(
    'too_large',
    'document.too-large',
    `The document has ${size} bytes; at most ${most} are read here.`,
  );
}

/** One folder an entity, so that a person finds the files of an invoice. */
export const keyOf = ({ id, entity, entity_id }: Pick<StoredDocument, 'id' | 'entity' | 'entity_id'>): string =>
  `${entity}/${entity_id}/${id}`;
