/** The elements of one entry as plain data. Pure. */
import type { Balance, BatchBooking, Detail, Entry, Party, References } from './camt-record.ts';
import { dayAt, directionOf, flagAt, type Money, moneyAt, moneyOf, wholeAt } from './values.ts';
import { firstText, nodeAt, nodesOf, textAt, type XmlNode } from './xml-node.ts';

/** What banks write where there is no reference. */
const NO_REFERENCE = /^(?:NOT ?PROVIDED|NONREF|NONE|-+|0+)$/i;

const referenceAt = (node: XmlNode, ...path: readonly string[]): string | null => {
  const text = textAt(node, ...path);
  return text === null || NO_REFERENCE.test(text) ? null : text;
};

export type EntryFacts = Omit<Entry, 'number' | 'batches' | 'details' | 'part' | 'last_part'>;

/** @param node the children of `Ntry` outside `NtryDtls` */
export const entryFacts = (node: XmlNode): EntryFacts => ({
  reference: referenceAt(node, 'NtryRef'),
  money: moneyAt(node, 'Amt'),
  direction: directionOf(node),
  reversal: flagAt(node, 'RvslInd') === true,
  status: firstText(node, ['Sts', 'Cd'], ['Sts', 'Prtry'], ['Sts']),
  booked_on: dayAt(node, 'BookgDt'),
  valued_on: dayAt(node, 'ValDt'),
  servicer_reference: referenceAt(node, 'AcctSvcrRef'),
  bank_code: bankCode(node),
  information: textAt(node, 'AddtlNtryInf'),
});

/** `PMNT/ICDT/ESCT`, else the bank's own code. */
function bankCode(node: XmlNode): string | null {
  const parts = [
    textAt(node, 'BkTxCd', 'Domn', 'Cd'),
    textAt(node, 'BkTxCd', 'Domn', 'Fmly', 'Cd'),
    textAt(node, 'BkTxCd', 'Domn', 'Fmly', 'SubFmlyCd'),
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join('/') : textAt(node, 'BkTxCd', 'Prtry', 'Cd');
}

/** @param currency the entry's, where the total has none of its own */
export const batchBooking = (node: XmlNode, currency: string): BatchBooking => ({
  message_id: referenceAt(node, 'MsgId'),
  payment_information_id: referenceAt(node, 'PmtInfId'),
  count: wholeAt(node, 'NbOfTxs'),
  total: moneyAt(node, 'TtlAmt') ?? moneyOf(textAt(node, 'TtlAmt') ?? '', currency),
  direction: directionOf(node),
});

export const detailOf = (node: XmlNode): Detail => ({
  references: references(node),
  money: movedMoney(node),
  instructed: moneyAt(node, 'AmtDtls', 'InstdAmt', 'Amt'),
  direction: directionOf(node),
  bank_code: bankCode(node),
  debtor: party(node, 'Dbtr'),
  creditor: party(node, 'Cdtr'),
  remittance: nodesOf(node, 'RmtInf').flatMap((info) => nodesOf(info, 'Ustrd').map(({ text }) => text)),
  creditor_references: nodesOf(node, 'RmtInf').flatMap((info) =>
    nodesOf(info, 'Strd').flatMap((block) => textAt(block, 'CdtrRefInf', 'Ref') ?? []),
  ),
  return_reason: returnReason(node),
  information: textAt(node, 'AddtlTxInf'),
});

/** Version 02 has the amount in `AmtDtls` alone. */
const movedMoney = (node: XmlNode): Money | null => moneyAt(node, 'Amt') ?? moneyAt(node, 'AmtDtls', 'TxAmt', 'Amt');

const references = (node: XmlNode): References => ({
  message_id: referenceAt(node, 'Refs', 'MsgId'),
  payment_information_id: referenceAt(node, 'Refs', 'PmtInfId'),
  instruction_id: referenceAt(node, 'Refs', 'InstrId'),
  end_to_end_id: referenceAt(node, 'Refs', 'EndToEndId'),
  transaction_id: referenceAt(node, 'Refs', 'TxId'),
  uetr: referenceAt(node, 'Refs', 'UETR'),
  servicer_reference: referenceAt(node, 'Refs', 'AcctSvcrRef'),
});

/** From version 08 a party stands in `Pty`, or is an agent. */
const party = (node: XmlNode, role: 'Dbtr' | 'Cdtr'): Party => ({
  name: firstText(
    node,
    ['RltdPties', role, 'Nm'],
    ['RltdPties', role, 'Pty', 'Nm'],
    ['RltdPties', role, 'Agt', 'FinInstnId', 'Nm'],
  ),
  account: accountAt(node, 'RltdPties', `${role}Acct`),
});

/** An IBAN without its spaces, else the bank's own number. */
export function accountAt(node: XmlNode, ...path: readonly string[]): string | null {
  const text = firstText(node, [...path, 'Id', 'IBAN'], [...path, 'Id', 'Othr', 'Id']);
  return text === null ? null : text.replace(/\s/g, '').toUpperCase();
}

function returnReason(node: XmlNode): Detail['return_reason'] {
  const info = nodeAt(node, 'RtrInf');
  if (info === undefined) return null;
  const text = nodesOf(info, 'AddtlInf')
    .map((part) => part.text)
    .join(' ');
  return { code: firstText(info, ['Rsn', 'Cd'], ['Rsn', 'Prtry']), text: text === '' ? null : text };
}

export const balanceOf = (node: XmlNode): Balance => ({
  code: firstText(node, ['Tp', 'CdOrPrtry', 'Cd'], ['Tp', 'CdOrPrtry', 'Prtry']),
  money: moneyAt(node, 'Amt'),
  direction: directionOf(node),
  day: dayAt(node, 'Dt'),
});
