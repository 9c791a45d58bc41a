/** The words of every schema: ids, exact decimals, dates, texts, pages and problems. Types and OpenAPI both come from here. */
import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox';
import { type IdKind, idLength, idPattern } from '../ids.ts';
import { DECIMAL_PATTERN, NON_NEGATIVE_DECIMAL_PATTERN } from '../money.ts';

/** Direction overrides show a text in another order than it has: `gpj.exe` for `exe.jpg`. */
const BIDI = '\\u202A-\\u202E\\u2066-\\u2069';
/** No control characters: they break bank files and logs. No half of a surrogate pair (patterns are read as Unicode): it is not text. */
const PRINTABLE = `^[^\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029${BIDI}\\uD800-\\uDFFF]*$`;
/** The same, and at least one character that is seen. */
const PRINTABLE_FILLED = `^(?=.*[^\\s\\u00AD\\u200B-\\u200F\\u2060\\uFEFF])${PRINTABLE.slice(1)}`;
/** Notes may have lines. */
const MULTILINE = `^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F${BIDI}\\uD800-\\uDFFF]*$`;

export const Id = (kind: IdKind) =>
  Type.String({
    pattern: idPattern(kind),
    maxLength: idLength(kind),
    description: `Id of a ${kind.replaceAll('_', ' ')}`,
  });

/** A name or other single line that must say something. */
export const Line = (maxLength: number, description?: string) =>
  Type.String({ minLength: 1, maxLength, pattern: PRINTABLE_FILLED, ...(description ? { description } : {}) });
/** A single line that may be empty. */
export const OptionalLine = (maxLength: number) => Type.String({ maxLength, pattern: PRINTABLE });
export const Notes = Type.String({ maxLength: 2000, pattern: MULTILINE });
export const Email = Type.String({ format: 'email', maxLength: 254 });

export const CalendarDate = Type.String({ format: 'date', maxLength: 10, description: 'Calendar day, YYYY-MM-DD' });
export const Timestamp = Type.String({ format: 'date-time', maxLength: 30, description: 'RFC 3339, UTC' });
export const CurrencyCode = Type.String({ pattern: '^[A-Z]{3}$', maxLength: 3, description: 'ISO 4217 code' });
export const CountryCode = Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2, description: 'ISO 3166-1 alpha-2 code' });

type DecimalKind = 'amount' | 'plain';
const decimal = (kind: DecimalKind, pattern: string, description: string) =>
  Type.Unsafe<string>({ type: 'string', pattern, maxLength: 23, 'x-decimal': kind, description });

/** Money, rendered with its currency's minor digits. */
export const Amount = decimal(
  'amount',
  NON_NEGATIVE_DECIMAL_PATTERN,
  'Exact decimal amount as a string, never a number',
);
export const SignedAmount = decimal('amount', DECIMAL_PATTERN, 'Exact decimal amount as a string; may be negative');
/** A price, quantity or rate, rendered without trailing zeros. */
export const Quantity = decimal('plain', NON_NEGATIVE_DECIMAL_PATTERN, 'Exact decimal quantity as a string');
export const SignedQuantity = decimal('plain', DECIMAL_PATTERN, 'Exact decimal quantity as a string; may be negative');
export const Price = decimal('plain', NON_NEGATIVE_DECIMAL_PATTERN, 'Exact decimal price of one unit as a string');
export const Rate = decimal('plain', '^\\d{1,3}(\\.\\d{1,6})?$', 'Percent as an exact decimal string');

/** What one unit of a currency is in another. */
export const ExchangeRateValue = decimal(
  'plain',
  '^\\d{1,9}(\\.\\d{1,6})?$',
  'Exact decimal rate as a string; state it in the direction in which 6 decimal places are exact enough',
);

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A schema by its `$id`, so that it is one component of the OpenAPI document; register it with `app.addSchema`. */
export const ref = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });

/** An object that takes no other members. */
export const Strict = <T extends Parameters<typeof Type.Object>[0]>(properties: T, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** `reason`, accepted by every action. */
export const Reason = Line(500, 'Why; kept in the audit trail');

/** Members that every entity has. */
export const entityFields = (kind: IdKind) => ({
  id: Id(kind),
  version: Type.Integer({ minimum: 1, description: 'Rises with each decision; the ETag' }),
  created_at: Timestamp,
  updated_at: Timestamp,
  created_by: Id('user'),
});

export const AuditHeadSchema = Type.Object({ seq: Type.Integer(), hash: Type.String() });

/** Parameters of a list besides its filters. */
export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  cursor: Type.Optional(Type.String({ maxLength: 2000, description: 'next_cursor of the page before' })),
};

export const DryRunQuery = Strict({
  dry_run: Type.Optional(
    Type.Boolean({ description: 'Same checks and errors, the reply it would give with ids null, nothing written' }),
  ),
});

export const CommandHeaders = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
});

/** Where a person decides on a version they saw. Its absence is 428, which a hook says before this schema is asked. */
export const IfMatchRequiredHeaders = Type.Object({
  'if-match': Type.String({ maxLength: 40, description: 'ETag of the version you saw, as "3"' }),
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
});

export const IfMatchHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ maxLength: 40, description: 'ETag of the version you saw, as "3"' })),
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
});

/** `item` has an `$id` of its own. */
export const pageOf = <T extends TSchema>(item: T, id: string) =>
  Type.Object(
    { data: Type.Array(ref(item)), next_cursor: Nullable(Type.String()) },
    { $id: id, description: 'Newest first. A page may be short or empty and still have a next_cursor.' },
  );

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.String({ description: 'entity.reason-in-kebab, stable' }),
    request_id: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer of what is wrong' }),
          detail: Type.String(),
          rule: Type.Optional(Type.String()),
        }),
      ),
    ),
  },
  {
    $id: 'Problem',
    description: 'RFC 9457 problem details with everything that is wrong',
    examples: [
      {
        type: 'urn:p2p:problem:vendor.not-active',
        title: 'Unprocessable Content',
        status: 422,
        detail: 'The vendor is pending; approve it first.',
        instance: '/api/v1/purchase-orders',
        code: 'vendor.not-active',
        request_id: '0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d',
        errors: [{ pointer: '#/vendor_id', detail: 'is pending' }],
      },
    ],
  },
);

const PROBLEM_TITLES = {
  400: 'The request is malformed',
  401: 'No valid token or key',
  403: 'Not allowed, or segregation of duties',
  404: 'No such object',
  409: 'In conflict with what stands',
  412: 'The version seen is stale',
  413: 'The body is too large',
  415: 'Not JSON',
  422: 'A business rule refuses it',
  428: 'If-Match is missing',
  429: 'Too many requests',
  503: 'Busy or not reachable; send it again',
};

type ProblemStatus = keyof typeof PROBLEM_TITLES;
const problem = (status: ProblemStatus) => ({
  description: PROBLEM_TITLES[status],
  content: { 'application/problem+json': { schema: ref(Problem) } },
});

export const problems = (...statuses: readonly ProblemStatus[]) =>
  Object.fromEntries(statuses.map((status) => [status, problem(status)]));

/** Every reply that a route of that kind can give besides its own. */
export const READ_PROBLEMS = problems(400, 401, 403, 404, 429, 503);
export const LIST_PROBLEMS = problems(400, 401, 403, 429, 503);
export const CREATE_PROBLEMS = problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);
export const ACTION_PROBLEMS = problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503);
export const APPROVE_PROBLEMS = problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503);

export type ProblemDetails = Static<typeof Problem>;

/** The body of an action that takes a reason only. */
export const ActionBody = Strict({ reason: Type.Optional(Reason) });
export const ReasonBody = Strict({ reason: Reason }, { examples: [{ reason: 'Agreed with the vendor by telephone' }] });

/** `{id}` and further ids in a path. */
export const idParams = <T extends Record<string, IdKind>>(kinds: T) =>
  Strict(
    Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, Id(kind)])) as {
      [K in keyof T]: ReturnType<typeof Id>;
    },
  );

export type Infer<T extends TObject> = Static<T>;
