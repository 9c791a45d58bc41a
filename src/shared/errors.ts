/** What a caller can cause. Everything that is not a DomainError is a defect and becomes a 500 that says nothing of the inside. */

export type ErrorKind =
  | 'malformed' // 400
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not_found' // 404
  | 'conflict' // 409
  | 'stale' // 412
  | 'too_large' // 413
  | 'rule' // 422
  | 'precondition_required' // 428
  | 'too_many_requests' // 429
  | 'unavailable'; // 503

export interface ErrorItem {
  /** JSON pointer into the body, or `#/query/...`, `#/headers/...`. */
  readonly pointer: string;
  readonly detail: string;
  /** The rule's name where it has one, such as `BR-CO-17`. */
  readonly rule?: string;
}

export interface DomainErrorOptions {
  readonly errors?: readonly ErrorItem[] | undefined;
  /** Seconds, for 429 and 503. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

export class DomainError extends Error {
  readonly kind: ErrorKind;
  /** `entity.reason-in-kebab`, stable: programs branch on it. */
  readonly code: string;
  readonly errors: readonly ErrorItem[];
  readonly retryAfter: number | undefined;

  constructor(kind: ErrorKind, code: string, detail: string, options: DomainErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.kind = kind;
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfter = options.retryAfter;
  }
}

/** What is stored is not what this system wrote: nothing is decided on it, and a person looks. Its message names no content. */
export class IntegrityError extends Error {
  readonly code: 'integrity.seal-broken' | 'integrity.rolled-back' | 'integrity.file-differs';
  readonly table: string;
  /** The item's id; of a claim only its kind, since the rest of the key may be personal. */
  readonly subject: string;

  constructor(code: IntegrityError['code'], table: string, subject: string) {
    super(`${code}: ${subject} in ${table} is not what this system wrote`);
    this.name = 'IntegrityError';
    this.code = code;
    this.table = table;
    this.subject = subject;
  }
}

export const ruleError = (code: string, detail: string, errors?: readonly ErrorItem[]): DomainError =>
  new DomainError('rule', code, detail, { errors });

export const conflictError = (code: string, detail: string, errors?: readonly ErrorItem[]): DomainError =>
  new DomainError('conflict', code, detail, { errors });

export const notFound = (entity: string, id: string): DomainError =>
  new DomainError('not_found', `${entity}.not-found`, `There is no ${entity.replaceAll('_', ' ')} with id ${id}.`);

/** Collects every finding, so that a caller is told all that is wrong and not the first. */
export function refuseIfAny(code: string, detail: string, errors: readonly ErrorItem[]): void {
  if (errors.length > 0) throw ruleError(code, detail, errors);
}

/** What a check refuses, for a caller that collects the refusals of several. A defect stays one. */
export function refusalOf(check: () => void): DomainError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** What a body names and is not there: 422 with its pointer, since the object that the path names does exist. */
export async function requireNamed<T>(named: Promise<T>, code: string, pointer: string): Promise<T> {
  try {
    return await named;
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind !== 'not_found') throw error;
    throw ruleError(code, error.message, [{ pointer, detail: 'names nothing' }]);
  }
}
