/** The three buckets as folders under one root, and the routes that serve their signed URLs. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FastifyPluginAsync } from 'fastify';
import type { Config } from '../config.ts';
import type { Buckets } from '../dependencies.ts';
import { systemClock } from '../shared/clock.ts';
import { type FolderStorage, folderStorage } from '../shared/storage/folder-storage.ts';
import { storageRoutes } from './storage-routes.ts';

export interface FolderBuckets {
  readonly storage: Buckets;
  readonly routes: FastifyPluginAsync;
  /** Told the address once the server listens: URLs name it, unless the configuration names another. */
  listening(address: string): void;
}

/** @param secret signs URLs; whoever has it may read and write every file. */
export function openFolderBuckets(
  config: Pick<Config, 'buckets' | 'storagePublicUrl'>,
  root: string,
  secret: string,
): FolderBuckets {
  let address = '';
  const baseUrl = (): string => config.storagePublicUrl ?? address;
  const open = (bucket: string): FolderStorage => {
    mkdirSync(join(resolve(root), bucket), { recursive: true, mode: 0o700 });
    return folderStorage({ root: resolve(root), bucket, baseUrl, secret });
  };
  const { payments, documents, backups, anchors } = config.buckets;
  const storage = { payments: open(payments), documents: open(documents), backups: open(backups) };
  const apart = anchors === undefined ? {} : { anchors: open(anchors) };
  return {
    storage: { ...storage, ...apart },
    routes: (app) => storageRoutes(app, { storages: Object.values(storage), secret, clock: systemClock }),
    listening(url) {
      address = url;
    },
  };
}
