/** What Workday reports, and what it is told. */
import { type Static, Type } from '@sinclair/typebox';
import { Id, Line, Strict } from '../../shared/http/schemas.ts';
import { WORKDAY_STATUSES } from '../payments/index.ts';

export const WorkdayCallbackBody = Strict(
  {
    payment_id: Id('payment'),
    status: Type.Union(WORKDAY_STATUSES.map((status) => Type.Literal(status))),
    message: Type.Optional(Line(500)),
  },
  {
    $id: 'WorkdayCallback',
    examples: [{ payment_id: 'pay_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d', status: 'accepted' }],
  },
);
export type WorkdayCallbackBody = Static<typeof WorkdayCallbackBody>;

export const SignatureHeaders = Type.Object({
  'x-signature': Type.String({
    maxLength: 100,
    description:
      't=<unix seconds>,v1=<hex HMAC-SHA256 of t, a full stop and the raw body under P2P_WEBHOOK_SECRET>; 300 seconds old at most',
  }),
});

export const WorkdayStatusReply = Type.Object(
  {
    payment_id: Id('payment'),
    current_status: Type.String({ description: 'Status of the payment' }),
    workday_callback_received: Type.Boolean(),
    xml_file_available: Type.Boolean({ description: 'A payment file with this payment lies in storage as XML' }),
    json_file_available: Type.Boolean({ description: 'The same as JSON' }),
    integration_status: Type.String({
      description: 'not_exported, exported, accepted, settled or failed: what the systems after this one said last',
    }),
  },
  { $id: 'WorkdayStatus' },
);
export type WorkdayStatusReply = Static<typeof WorkdayStatusReply>;
