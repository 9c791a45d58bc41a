/** Commands on documents. Uploads never pass through here: they go to storage under a signed URL, and are checked afterwards. */
import { buffer } from 'node:stream/consumers';
import { type Actor, type Command, requireVersion } from '../../shared/command.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { Decision, PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { type DomainError, notFound } from '../../shared/errors.ts';
import type { Scan, ScanVerdict } from '../../shared/storage/scan.ts';
import type { ObjectStorage } from '../../shared/storage/storage.ts';
import { contentFinding } from './content-type.ts';
import type { DocumentRepository } from './document.repository.ts';
import type {
  CreateDocument,
  DocumentCreated,
  DocumentQuery,
  DocumentReply,
  StoredDocument,
} from './document.schema.ts';
import {
  type Completion,
  completed,
  downloaded,
  isAnnounced,
  keyOf,
  newDocument,
  readPermissionOf,
  requireAtMost,
  requireReadable,
  type StoredBytes,
} from './document.ts';

export interface DocumentServiceDeps {
  readonly repository: DocumentRepository;
  readonly unitOfWork: UnitOfWork;
  readonly storage: ObjectStorage;
  /** A vendor that something refers to is not deleted; vendors are upstream, so the mark comes through this port. */
  readonly referVendor: (vendorId: string) => PendingWrite;
  /** Absent where there is no scanner. */
  readonly scan?: Scan | undefined;
  /** Told of malware that was found. */
  readonly infected: (facts: {
    readonly actor_id: string;
    readonly subject_id: string;
    readonly request_id: string;
    readonly detail: string | undefined;
  }) => void;
}

export interface DocumentService {
  get(actor: Actor, id: string): Promise<StoredDocument>;
  list(actor: Actor, query: DocumentQuery, page: PageRequest): Promise<Page<DocumentReply>>;
  create(command: Command, body: CreateDocument): Promise<DocumentCreated>;
  /** @throws DomainError 422 where the stored bytes differ; the document is rejected by then. */
  complete(command: Command, id: string, reason: string | undefined): Promise<StoredDocument>;
  /** Whether a document that may still be read, or completed, has its bytes under this key. */
  isNamed(key: string): Promise<boolean>;
  /** Those that are stored beside an entity, the newest first, at most 100. */
  storedBeside(actor: Actor, entityId: string): Promise<readonly DocumentReply[]>;
  /** @throws DomainError 413 where it has more than `most` bytes */
  content(actor: Actor, id: string, most: number): Promise<Buffer>;
  /**
   * A URL that gives the content for a few minutes; each is on record.
   * @throws DomainError 409 while the content is not scanned or where it is in quarantine, 422 where that is found now
   */
  download(command: Command, id: string): Promise<string>;
}

const UPLOAD_SECONDS = 15 * 60;
const DOWNLOAD_SECONDS = 5 * 60;

export function createDocumentService(deps: DocumentServiceDeps): DocumentService {
  const { repository, unitOfWork, storage } = deps;
  const { documents } = repository;

  async function get(actor: Actor, id: string): Promise<StoredDocument> {
    const document = await documents.require(id);
    requireReadable(actor.permissions, document.entity);
    return document;
  }

  /** Of a document that was not found clean before. */
  const scanOf = async (document: StoredDocument): Promise<ScanVerdict | undefined> =>
    document.status === 'stored' && document.scan !== 'clean' ? deps.scan?.(keyOf(document)) : undefined;

  /** What lies in storage: its type and what a scanner says are asked only of what was announced. */
  async function look(document: StoredDocument): Promise<StoredBytes | undefined> {
    const key = keyOf(document);
    const bytes = await storage.head(key);
    if (bytes === undefined || !isAnnounced(document, bytes)) return bytes;
    const object = await storage.get(key);
    const typeFinding = object && (await contentFinding(document.content_type, object.body));
    return { ...bytes, typeFinding, scan: typeFinding === undefined ? await deps.scan?.(key) : undefined };
  }

  /** Commits what was decided; a refusal stands in the table, and is told at once. */
  async function carried(
    command: Command,
    id: string,
    decide: (before: StoredDocument) => Completion,
    facts: { readonly reason?: string | undefined; readonly scan?: ScanVerdict | undefined },
  ): Promise<StoredDocument> {
    const found = facts.scan?.kind === 'infected' ? facts.scan.found : undefined;
    let refusal: DomainError | undefined;
    const run = async (): Promise<Decision<StoredDocument>> => {
      const before = await documents.require(id);
      const decided = decide(before);
      requireVersion(command, 'document', before.version);
      refusal = decided.refusal;
      const event = { action: decided.action, reason: facts.reason ?? found };
      const { entity, writes } = documents.update(command, before, decided.document, event);
      // Nothing of a refusal may be replayed as a success.
      return { result: entity, writes, ...(refusal === undefined ? {} : { reply: 'none' }) };
    };
    const document = await unitOfWork.run(command, run);
    if (refusal === undefined) return document;
    if (document.status === 'rejected') await storage.delete(keyOf(document));
    else deps.infected({ actor_id: command.actor.id, subject_id: id, request_id: command.request_id, detail: found });
    throw refusal;
  }

  return {
    get,
    list: (actor, query, page) =>
      repository.list(query, page, (entity) => actor.permissions.has(readPermissionOf(entity))),
    create: (command, body) =>
      unitOfWork.run(command, async () => {
        requireReadable(command.actor.permissions, body.entity);
        const draft = newDocument(command.ids.next('document'), body, command.actor.id);
        const { entity: document, writes } = documents.create(command, draft);
        const { url, headers, expires_at } = await storage.presignUpload({
          key: keyOf(document),
          content_type: document.content_type,
          size: document.size,
          sha256: document.sha256,
          expires_in: UPLOAD_SECONDS,
        });
        return {
          result: { ...document, upload: { url, method: 'PUT', headers, expires_at } },
          writes: [
            ...writes,
            repository.entityExists(document),
            ...(body.entity === 'vendor' ? [deps.referVendor(body.entity_id)] : []),
          ],
        };
      }),
    async complete(command, id, reason) {
      const known = await get(command.actor, id);
      const bytes = known.status === 'pending' ? await look(known) : undefined;
      const at = command.now.toISOString();
      return carried(command, id, (before) => completed(before, bytes, at), { reason, scan: bytes?.scan });
    },
    async isNamed(key) {
      const document = await documents.get(key.slice(key.lastIndexOf('/') + 1));
      return document !== undefined && document.status !== 'rejected' && keyOf(document) === key;
    },
    async storedBeside(actor, entityId) {
      const query: DocumentQuery = { entity_id: entityId, status: 'stored', limit: 100 };
      const binding = { principal: actor.id, query: 'stored beside' };
      const { data } = await repository.list(query, { limit: 100, binding }, (entity) =>
        actor.permissions.has(readPermissionOf(entity)),
      );
      return data;
    },
    async content(actor, id, most) {
      const document = await get(actor, id);
      const { refusal } = downloaded(document, await scanOf(document));
      if (refusal !== undefined) throw refusal;
      requireAtMost(document, most);
      const object = await storage.get(keyOf(document));
      if (object === undefined) throw notFound('document', id);
      return buffer(object.body);
    },
    async download(command, id) {
      const known = await get(command.actor, id);
      const scan = await scanOf(known);
      const document = await carried(command, id, (before) => downloaded(before, scan), { scan });
      const options = { key: keyOf(document), filename: document.filename, expires_in: DOWNLOAD_SECONDS };
      return (await storage.presignDownload(options)).url;
    },
  };
}
