/** Small messages of a bank, written for the tests: statements and status reports of our own, NACHA lines of the exact width. */
import { type BankFileEvent, readBankFile } from '../../src/modules/bank-messages/formats/bank-file.ts';
import type { Entry, Statement } from '../../src/modules/bank-messages/formats/camt-record.ts';

export const DEBTOR_IBAN = 'DE89370400440532013000';
export const CREDITOR_IBAN = 'FR1420041010050500013M02606';

export interface EntryText {
  readonly amount?: string;
  readonly currency?: string;
  readonly direction?: 'DBIT' | 'CRDT';
  readonly status?: string;
  readonly booked?: string;
  readonly servicer?: string;
  /** More elements of the entry, before its details. */
  readonly more?: string;
  readonly details?: string;
}

export function entryXml({
  amount = '105.00',
  currency = 'EUR',
  direction = 'DBIT',
  status = '<Sts><Cd>BOOK</Cd></Sts>',
  booked = '2026-03-18',
  servicer = 'BANK-REF-1',
  more = '',
  details = '',
}: EntryText = {}): string {
  return `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd>${status}<BookgDt><Dt>${booked}</Dt></BookgDt><AcctSvcrRef>${servicer}</AcctSvcrRef>${more}${details === '' ? '' : `<NtryDtls>${details}</NtryDtls>`}</Ntry>`;
}

export const detailXml = (endToEndId: string, more = ''): string =>
  `<TxDtls><Refs><EndToEndId>${endToEndId}</EndToEndId></Refs>${more}</TxDtls>`;

export interface StatementText {
  readonly id?: string;
  readonly number?: number;
  readonly iban?: string;
  readonly balances?: string;
  readonly entries?: string;
  readonly head?: string;
}

export const statementXml = ({
  id = 'STMT-1',
  number = 1,
  iban = DEBTOR_IBAN,
  balances = '',
  entries = entryXml(),
  head = '',
}: StatementText = {}): string =>
  `<Stmt><Id>${id}</Id><ElctrncSeqNb>${number}</ElctrncSeqNb>${head}<Acct><Id><IBAN>${iban}</IBAN></Id></Acct>${balances}${entries}</Stmt>`;

export const balanceXml = (code: string, amount: string, direction: 'DBIT' | 'CRDT' = 'CRDT'): string =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd><Dt><Dt>2026-03-18</Dt></Dt></Bal>`;

export const camt053 = (statements: string = statementXml(), version = '08'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}"><BkToCstmrStmt><GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-03-18T20:00:00Z</CreDtTm></GrpHdr>${statements}</BkToCstmrStmt></Document>`;

export interface ReportText {
  readonly messageId: string;
  readonly group?: string;
  readonly blocks?: string;
  readonly version?: string;
}

export const statusXml = (tag: string, status: string | undefined, reason?: string): string =>
  `${status === undefined ? '' : `<${tag}>${status}</${tag}>`}${reason === undefined ? '' : `<StsRsnInf><Rsn><Cd>${reason}</Cd></Rsn></StsRsnInf>`}`;

export const pain002 = ({ messageId, group = '', blocks = '', version = '10' }: ReportText): string =>
  `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.${version}"><CstmrPmtStsRpt><GrpHdr><MsgId>REPORT-1</MsgId><CreDtTm>2026-03-17T10:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>${messageId}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>${group}</OrgnlGrpInfAndSts>${blocks}</CstmrPmtStsRpt></Document>`;

export const blockXml = (id: string, status = '', transactions = ''): string =>
  `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${id}</OrgnlPmtInfId>${status}${transactions}</OrgnlPmtInfAndSts>`;

export const transactionXml = (endToEndId: string, status: string, more = ''): string =>
  `<TxInfAndSts><OrgnlEndToEndId>${endToEndId}</OrgnlEndToEndId>${status}${more}</TxInfAndSts>`;

export const read = (text: string | Uint8Array): readonly BankFileEvent[] =>
  [...readBankFile(typeof text === 'string' ? Buffer.from(text, 'utf8') : text)].flat();

export const entriesIn = (text: string): readonly Entry[] =>
  read(text).flatMap((event) => (event.type === 'entry' ? [event.entry] : []));

export const statementsIn = (text: string): readonly Statement[] =>
  read(text).flatMap((event) => (event.type === 'statement_end' ? [event.statement] : []));

export function theEntry(text: string): Entry {
  const [entry] = entriesIn(text);
  if (entry === undefined) throw new Error('the message has no entry');
  return entry;
}
