/** The files a batch of payments becomes. */

export {
  bankReference,
  isSepaText,
  REMITTANCE_LENGTH,
  referenceMistakes,
  sepaText,
} from '../../../shared/sepa-text.ts';
export * from './pain-001.ts';
export * from './pain-001-check.ts';
export * from './pain-001-rendered.ts';
export * from './payment-file.ts';
export * from './payment-json.ts';
export * from './workday-record.ts';
