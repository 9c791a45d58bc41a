/** The files a batch of payments becomes. */
export * from './pain-001.ts';
export * from './pain-001-check.ts';
export * from './pain-001-rendered.ts';
export * from './payment-file.ts';
export * from './payment-json.ts';
export { bankReference, isSepaText, referenceMistakes, sepaText } from './sepa-text.ts';
export * from './workday-record.ts';
