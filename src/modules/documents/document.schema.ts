/** A document: a file beside an entity. The record, what of it goes out, and the body that announces one. */
import { type Static, Type } from '@sinclair/typebox';
import {
  AuditHeadSchema,
  CalendarDate,
  entityFields,
  Line,
  Nullable,
  pageOf,
  pageQuery,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';
import { ID_PREFIXES } from '../../shared/ids.ts';

/** What documents lie beside, under the names of the audit trail. */
export const DOCUMENT_ENTITIES = [
  'vendor',
  'purchase_order',
  'receipt',
  'invoice',
  'payment',
  'payment_batch',
] as const;
export type DocumentEntity = (typeof DOCUMENT_ENTITIES)[number];

export const DOCUMENT_STATUSES = ['pending', 'stored', 'rejected', 'quarantined'] as const;
export const SCANS = ['pending', 'clean', 'infected'] as const;
export const MAX_DOCUMENT_BYTES = 25 * 1024 * 1024;

/** Accepted types, each with the endings its files have. Nothing a browser would run. */
export const CONTENT_TYPES = {
  'application/pdf': ['pdf'],
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'application/xml': ['xml'],
  'text/xml': ['xml'],
  'text/csv': ['csv'],
  'application/json': ['json'],
  'text/plain': ['txt'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'application/vnd.oasis.opendocument.text': ['odt'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ods'],
} as const;
export type ContentType = keyof typeof CONTENT_TYPES;
const contentTypes = Object.keys(CONTENT_TYPES) as ContentType[];

const literals = <T extends string>(values: readonly T[], options: object = {}) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });

const prefixes = DOCUMENT_ENTITIES.map((entity) => ID_PREFIXES[entity]).join('|');

const facts = {
  entity: literals(DOCUMENT_ENTITIES, { description: 'What the file belongs to' }),
  entity_id: Type.String({
    pattern: `^(${prefixes})_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
    maxLength: 41,
    description: 'Id of that entity',
  }),
  filename: Line(150, 'With the ending of its content type; the name a download is saved under'),
  content_type: literals(contentTypes),
  size: Type.Integer({ minimum: 1, maximum: MAX_DOCUMENT_BYTES, description: 'Bytes, at most 25 MB' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64, description: 'Of the content, lower-case hex' }),
};

const shown = {
  ...entityFields('document'),
  status: literals(DOCUMENT_STATUSES),
  ...facts,
  stored_at: Nullable(Timestamp),
  scan: Nullable(literals(SCANS, { description: 'What the malware scanner says; null where there is none' })),
};

export const DocumentRecord = Type.Object({ ...shown, audit: AuditHeadSchema });
export type StoredDocument = Static<typeof DocumentRecord>;

export const DocumentReply = Type.Object(shown, {
  $id: 'Document',
  description:
    'A file beside an entity: pending until its bytes lie in storage and were checked, then stored, or rejected where they differ, or quarantined where malware was found.',
});
export type DocumentReply = Static<typeof DocumentReply>;

const Upload = Type.Object(
  {
    url: Type.String({ description: 'Send the bytes here; it needs no sign-in and takes exactly what was announced' }),
    method: Type.Literal('PUT'),
    headers: Type.Record(Type.String(), Type.String(), { description: 'Send each as it is' }),
    expires_at: Timestamp,
  },
  { description: 'Where the content goes' },
);

export const DocumentCreated = Type.Object({ ...shown, upload: Upload }, { $id: 'DocumentCreated' });
export type DocumentCreated = Static<typeof DocumentCreated>;

export const DocumentPage = pageOf(DocumentReply, 'DocumentPage');

export const CreateDocument = Strict(facts, {
  $id: 'CreateDocument',
  examples: [
    {
      entity: 'invoice',
      entity_id: 'inv_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d',
      filename: 'invoice-2026-0042.pdf',
      content_type: 'application/pdf',
      size: 48213,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  ],
});
export type CreateDocument = Static<typeof CreateDocument>;

export const DocumentQuery = Strict({
  ...pageQuery,
  status: Type.Optional(literals(DOCUMENT_STATUSES)),
  entity_id: Type.Optional(facts.entity_id),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
});
export type DocumentQuery = Static<typeof DocumentQuery>;
