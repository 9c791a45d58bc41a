/** The one Region of several that writes, where the tables of all of them see it. */
import { type Static, Type } from '@sinclair/typebox';
import { AuditHeadSchema, Timestamp } from '../../shared/http/schemas.ts';

export const WritingRegionRecord = Type.Object({
  id: Type.Literal('writing_region'),
  version: Type.Integer({ minimum: 1 }),
  created_at: Timestamp,
  updated_at: Timestamp,
  created_by: Type.String(),
  status: Type.Literal('writing'),
  region: Type.String(),
  audit: AuditHeadSchema,
});
export type WritingRegion = Static<typeof WritingRegionRecord>;
