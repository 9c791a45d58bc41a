/** Reads a rendered payment file back and holds it against its input, so that a fault in rendering is found before a bank finds it. */
import { add, amount, compare, ZERO } from '../../../shared/money.ts';
import { type Pain001Version, pain001Namespace } from './pain-001.ts';
import { controlSum, type FilePayment, type Finding, type PaymentFile } from './payment-file.ts';
import { elementsAt, parseXml, textAt, type XmlTree } from './xml.ts';

/**
 * Takes the chunks as rendered: the first and last make a document without payments, each between is a list of whole payments. They are
 * read one by one, so memory stays flat. Findings are defects of ours, never a caller's.
 */
export function checkRendered(chunks: readonly string[], file: PaymentFile, version: Pain001Version): Finding[] {
  try {
    const frame = parseXml(`${chunks[0]}${chunks.at(-1)}`);
    const read = readTransfers(chunks.slice(1, -1), file);
    return [...frameFindings(frame, file, version), ...read.findings, ...totalFindings(frame, read, file)];
  } catch (error) {
    return [{ pointer: '', detail: `The file is not well-formed XML: ${String(error)}`, rule: 'XML' }];
  }
}

interface Transfers {
  readonly count: number;
  readonly sum: string;
  readonly findings: readonly Finding[];
}

function readTransfers(chunks: readonly string[], file: PaymentFile): Transfers {
  let count = 0;
  let sum = ZERO;
  const findings: Finding[] = [];
  for (const chunk of chunks) {
    for (const transfer of elementsAt(parseXml(`<list>${chunk}</list>`, ['CdtTrfTxInf']), 'list', 'CdtTrfTxInf')) {
      findings.push(...transferFindings(transfer, file, count));
      sum = add(sum, textAt(transfer, 'Amt', 'InstdAmt') ?? ZERO);
      count += 1;
    }
  }
  return { count, sum: amount(sum, file.currency), findings };
}

function frameFindings(frame: XmlTree, file: PaymentFile, version: Pain001Version): Finding[] {
  const message = ['Document', 'CstmrCdtTrfInitn'] as const;
  return [
    ...differs(textAt(frame, 'Document', '@xmlns'), pain001Namespace(version), '', 'xmlns'),
    ...differs(textAt(frame, ...message, 'GrpHdr', 'MsgId'), file.message_id, '/message_id', 'MsgId'),
    ...differs(textAt(frame, ...message, 'PmtInf', 'DbtrAcct', 'Id', 'IBAN'), file.debtor.iban, '/debtor/iban', 'IBAN'),
  ];
}

/** Counts and sums at both levels, and those of the payments really there, are the input's. */
function totalFindings(frame: XmlTree, read: Transfers, file: PaymentFile): Finding[] {
  const [count, sum] = [String(file.payments.length), controlSum(file)];
  const levels = ['GrpHdr', 'PmtInf'].flatMap((level) => [
    ...differs(textAt(frame, 'Document', 'CstmrCdtTrfInitn', level, 'NbOfTxs'), count, '/payments', 'NbOfTxs'),
    ...differs(textAt(frame, 'Document', 'CstmrCdtTrfInitn', level, 'CtrlSum'), sum, '/payments', 'CtrlSum'),
  ]);
  return [
    ...levels,
    ...differs(String(read.count), count, '/payments', 'NbOfTxs'),
    ...differs(read.sum, sum, '/payments', 'CtrlSum'),
  ];
}

function transferFindings(transfer: XmlTree, file: PaymentFile, index: number): Finding[] {
  const payment: FilePayment | undefined = file.payments[index];
  const at = `/payments/${index}`;
  if (payment === undefined) return [{ pointer: at, detail: 'The file has a payment too many.', rule: 'NbOfTxs' }];
  const value = textAt(transfer, 'Amt', 'InstdAmt') ?? '0';
  const findings = [
    ...differs(textAt(transfer, 'PmtId', 'EndToEndId'), payment.end_to_end_id, `${at}/end_to_end_id`, 'EndToEndId'),
    ...differs(textAt(transfer, 'CdtrAcct', 'Id', 'IBAN'), payment.creditor.iban, `${at}/creditor/iban`, 'IBAN'),
    ...differs(textAt(transfer, 'Amt', 'InstdAmt', '@Ccy'), file.currency, `${at}/amount`, 'Ccy'),
    ...(compare(value, payment.amount) === 0 ? [] : differs(value, payment.amount, `${at}/amount`, 'InstdAmt')),
  ];
  return findings.map((finding) => ({ ...finding, payment_id: payment.payment_id }));
}

/** Says no values: a finding goes to the log. */
const differs = (written: string | undefined, given: string, pointer: string, rule: string): Finding[] =>
  written === given ? [] : [{ pointer, detail: `${rule} in the file is not what was given.`, rule }];
