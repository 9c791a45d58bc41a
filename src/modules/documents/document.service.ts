/** Commands on documents. Uploads never pass through here: they go to storage under a signed URL, and are checked afterwards. */
import { buffer } from 'node:stream/consumers';
import { type Actor, type Command, requireVersion } from '../../shared/command.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { notFound } from '../../shared/errors.ts';
import type { ObjectStorage } from '../../shared/storage/storage.ts';
import type { DocumentRepository } from './document.repository.ts';
import type {
  CreateDocument,
  DocumentCreated,
  DocumentQuery,
  DocumentReply,
  StoredDocument,
} from './document.schema.ts';
import {
  completed,
  keyOf,
  newDocument,
  readPermissionOf,
  requireAtMost,
  requireReadable,
  requireStored,
} from './document.ts';

export interface DocumentServiceDeps {
  readonly repository: DocumentRepository;
  readonly unitOfWork: UnitOfWork;
  readonly storage: ObjectStorage;
  /** A vendor that something refers to is not deleted; vendors are upstream, so the mark comes through this port. */
  readonly referVendor: (vendorId: string) => PendingWrite;
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
  /** A URL that gives the content for a few minutes. */
  download(actor: Actor, id: string): Promise<string>;
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
      const bytes = known.status === 'pending' ? await storage.head(keyOf(known)) : undefined;
      const at = command.now.toISOString();
      const { refusal } = completed(known, bytes, at);
      // A rejection is committed and refused at once: nothing of it may be replayed as a success.
      const once = refusal === undefined ? command : { ...command, idempotency: undefined };
      const decided = await unitOfWork.run(once, async () => {
        const before = await documents.require(id);
        requireVersion(command, 'document', before.version);
        const after = completed(before, bytes, at).document;
        const event = { action: refusal === undefined ? 'completed' : 'rejected', reason };
        const { entity, writes } = documents.update(command, before, after, event);
        return { result: entity, writes };
      });
      if (refusal === undefined) return decided;
      await storage.delete(keyOf(decided));
      throw refusal;
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
      requireStored(document);
      requireAtMost(document, most);
      const object = await storage.get(keyOf(document));
      if (object === undefined) throw notFound('document', id);
      return buffer(object.body);
    },
    async download(actor, id) {
      const document = await get(actor, id);
      requireStored(document);
      const options = { key: keyOf(document), filename: document.filename, expires_in: DOWNLOAD_SECONDS };
      return (await storage.presignDownload(options)).url;
    },
  };
}
