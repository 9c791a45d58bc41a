/** What waits for the caller's decision: one line a thing, of whatever kind. */
import { type Static, Type } from '@sinclair/typebox';
import { Amount, CurrencyCode, pageOf, pageQuery, Strict, Timestamp } from '../../shared/http/schemas.ts';

export const APPROVAL_ENTITIES = [
  'vendor',
  'bank_account',
  'purchase_order',
  'invoice',
  'payment',
  'payment_batch',
  'user',
  'api_key',
  'debtor_account',
  'exchange_rate',
  'settings',
] as const;
export type ApprovalEntity = (typeof APPROVAL_ENTITIES)[number];

export const Approval = Type.Object(
  {
    entity: Type.Unsafe<ApprovalEntity>({ type: 'string', enum: [...APPROVAL_ENTITIES] }),
    entity_id: Type.String({ maxLength: 41 }),
    version: Type.Integer({ minimum: 1, description: 'Send it as If-Match of the decision' }),
    title: Type.String({ maxLength: 300, description: 'What a person calls it' }),
    amount: Type.Optional(Amount),
    currency: Type.Optional(CurrencyCode),
    created_at: Timestamp,
    waiting_since: Timestamp,
    path: Type.String({ maxLength: 150, description: 'Where it is read' }),
    action: Type.Union([Type.Literal('approve'), Type.Literal('confirm')], {
      description: 'Decide at POST {path}/{action}; a reset of a person is confirmed',
    }),
  },
  { $id: 'Approval' },
);
export type Approval = Static<typeof Approval>;
/** What a kind says of one of its own that waits. */
export type Waiting = Omit<Approval, 'entity' | 'entity_id' | 'path' | 'action'> &
  Partial<Readonly<Pick<Approval, 'path' | 'action'>>> & {
    /** Where it is listed beside the entity. */
    readonly entity_id?: string;
  };

export const ApprovalPage = pageOf(Approval, 'ApprovalPage');

export const ApprovalQuery = Strict(pageQuery);
