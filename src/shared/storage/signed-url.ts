/** URLs that carry their own permission, as S3's presigned ones do: what may be done with which object until when, under an HMAC. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { timestamp } from '../clock.ts';
import { DomainError } from '../errors.ts';

export const STORAGE_PATH = '/local-storage';

export interface Grant {
  readonly method: 'PUT' | 'GET';
  readonly bucket: string;
  readonly key: string;
  /** Of an upload: exactly what may be stored. */
  readonly content_type?: string | undefined;
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  /** Of a download. */
  readonly filename?: string | undefined;
}

export interface SignedUrl {
  readonly url: string;
  readonly expires_at: string;
}

export function signUrl(baseUrl: string, secret: string, grant: Grant, now: Date, expiresIn: number): SignedUrl {
  const expires = Math.floor(now.getTime() / 1_000) + expiresIn;
  const query = new URLSearchParams({ expires: String(expires) });
  if (grant.content_type !== undefined) query.set('content_type', grant.content_type);
  if (grant.size !== undefined) query.set('size', String(grant.size));
  if (grant.sha256 !== undefined) query.set('sha256', grant.sha256);
  if (grant.filename !== undefined) query.set('filename', grant.filename);
  query.set('signature', signature(secret, grant, expires).toString('hex'));
  const path = [grant.bucket, ...grant.key.split('/')].map(encodeURIComponent).join('/');
  return { url: `${baseUrl}${STORAGE_PATH}/${path}?${query}`, expires_at: timestamp(new Date(expires * 1_000)) };
}

/** @throws DomainError (forbidden) for a URL that was not signed with this secret for exactly this, or has expired. */
export function verifyGrant(
  secret: string,
  target: Pick<Grant, 'method' | 'bucket' | 'key'>,
  query: URLSearchParams,
  now: Date,
): Grant {
  const size = query.get('size');
  const grant: Grant = {
    ...target,
    content_type: query.get('content_type') ?? undefined,
    size: size === null ? undefined : Number(size),
    sha256: query.get('sha256') ?? undefined,
    filename: query.get('filename') ?? undefined,
  };
  const expires = Number(query.get('expires'));
  const given = Buffer.from(query.get('signature') ?? '', 'hex');
  const expected = signature(secret, grant, expires);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new DomainError(
      'forbidden',
      'storage.signature-invalid',
      'The signature is not that of this URL; ask for a new one.',
    );
  }
  if (now.getTime() >= expires * 1_000) {
    throw new DomainError('forbidden', 'storage.url-expired', 'This URL has expired; ask for a new one.');
  }
  return grant;
}

/** An array, so that no two different grants are the same text. */
function signature(secret: string, grant: Grant, expires: number): Buffer {
  const { method, bucket, key, content_type, size, sha256, filename } = grant;
  return createHmac('sha256', secret)
    .update(JSON.stringify([method, bucket, key, expires, content_type, size, sha256, filename]))
    .digest();
}
