/** What a restore left: a service that reads, until people have looked at what the restore could not know. */
import { type Static, Type } from '@sinclair/typebox';
import { AuditHeadSchema, Nullable, Timestamp } from '../../shared/http/schemas.ts';

export const RECOVERY_STATUSES = ['read_only', 'payments_held', 'released'] as const;

const Status = Type.Union(
  RECOVERY_STATUSES.map((status) => Type.Literal(status)),
  {
    description:
      '`read_only`: commands are refused; `payments_held`: commands are taken, but no batch is generated or sent; `released`: all is as always',
  },
);

const shown = {
  id: Type.Literal('recovery'),
  version: Type.Integer({ minimum: 0, description: '0 where nothing was ever restored; the ETag' }),
  updated_at: Nullable(Timestamp),
  status: Status,
  restored_from: Nullable(Type.String({ maxLength: 900, description: 'The backup the data came from' })),
  restored_at: Nullable(Timestamp),
  opened_by: Nullable(Type.String({ maxLength: 60 })),
  released_by: Nullable(Type.String({ maxLength: 60 })),
};

export const RecoveryRecord = Type.Object({
  ...shown,
  updated_at: Timestamp,
  created_at: Timestamp,
  created_by: Type.String(),
  restored_from: Type.String(),
  restored_at: Timestamp,
  audit: AuditHeadSchema,
});
export type Recovery = Static<typeof RecoveryRecord>;

export const RecoveryReply = Type.Object(shown, { $id: 'Recovery' });
export type RecoveryReply = Static<typeof RecoveryReply>;
