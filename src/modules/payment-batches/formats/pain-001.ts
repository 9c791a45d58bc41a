/** ISO 20022 customer credit transfer initiation, pain.001.001.09 and .03, one payment information block a file. */

import { type AddressForm, addressParts, type PostalAddress } from '../../../shared/postal-address.ts';
import { isSepaText } from '../../../shared/sepa-text.ts';
import {
  controlSum,
  createdAtAsSent,
  type FilePayment,
  isSepa,
  nameAsSent,
  type PaymentFile,
  paymentAsSent,
} from './payment-file.ts';
import { renderXml, XML_DECLARATION, type XmlTree } from './xml.ts';

/** .09 is the default; banks are leaving .03. The bank profile decides. */
export const PAIN_001_VERSIONS = ['001.09', '001.03'] as const;
export type Pain001Version = (typeof PAIN_001_VERSIONS)[number];

export const pain001Namespace = (version: Pain001Version): string =>
  `urn:iso:std:iso:20022:tech:xsd:pain.001.${version}`;

/**
 * The file in pieces: its opening, payments by the hundred, its closing, so that 100,000 payments need no more memory than 100. Nothing is
 * repaired here but text: check the file first. @throws RangeError for an id, account or date that cannot stand in a message as it is.
 */
export function* renderPain001(file: PaymentFile, version: Pain001Version): Generator<string, void, undefined> {
  const frame = renderXml(frameOf(file, version));
  const end = frame.lastIndexOf(PAYMENTS_END);
  yield XML_DECLARATION + frame.slice(0, end);
  for (let start = 0; start < file.payments.length; start += PAYMENTS_A_CHUNK) {
    const some = file.payments.slice(start, start + PAYMENTS_A_CHUNK);
    const transfers = some.map((payment) => transferOf(paymentAsSent(payment, file.currency), file, version));
    yield renderXml({ CdtTrfTxInf: transfers }, 3);
  }
  yield frame.slice(end);
}

const PAYMENTS_A_CHUNK = 100;
const PAYMENTS_END = '    </PmtInf>';

function frameOf(file: PaymentFile, version: Pain001Version): XmlTree {
  const totals = { NbOfTxs: String(file.payments.length), CtrlSum: controlSum(file) };
  const header = {
    MsgId: exact(file.message_id),
    CreDtTm: exact(createdAtAsSent(file.created_at)),
    ...totals,
    InitgPty: { Nm: nameAsSent(file.initiating_party.name, file.currency) },
  };
  return {
    Document: {
      '@xmlns': pain001Namespace(version),
      CstmrCdtTrfInitn: { GrpHdr: header, PmtInf: paymentInformation(file, version, totals) },
    },
  };
}

function paymentInformation(file: PaymentFile, version: Pain001Version, totals: XmlTree): XmlTree {
  const { debtor } = file;
  const day = exact(file.execution_date);
  const sepa = isSepa(file.currency);
  return {
    PmtInfId: exact(file.payment_information_id),
    PmtMtd: 'TRF',
    BtchBookg: file.batch_booking === undefined ? undefined : String(file.batch_booking),
    ...totals,
    PmtTpInf: sepa ? { SvcLvl: { Cd: 'SEPA' } } : undefined,
    ReqdExctnDt: version === '001.09' ? { Dt: day } : day,
    Dbtr: { Nm: nameAsSent(debtor.name, file.currency) },
    DbtrAcct: accountOf(debtor.iban),
    DbtrAgt: agentOf(debtor.bic, version) ?? { FinInstnId: { Othr: { Id: 'NOTPROVIDED' } } },
    ChrgBr: sepa ? 'SLEV' : undefined,
  };
}

/** The creditor's agent is optional in the message, and a SEPA bank finds it by the IBAN: left out where no BIC is known. */
function transferOf(payment: FilePayment, file: PaymentFile, version: Pain001Version): XmlTree {
  const { creditor } = payment;
  const { currency, address_form: form = 'structured' } = file;
  return {
    PmtId: { EndToEndId: exact(payment.end_to_end_id) },
    Amt: { InstdAmt: { '#text': payment.amount, '@Ccy': currency } },
    CdtrAgt: agentOf(creditor.bic, version),
    Cdtr: { Nm: creditor.name, PstlAdr: creditor.address && addressOf(creditor.address, form) },
    CdtrAcct: accountOf(creditor.iban),
    RmtInf: payment.remittance === '' ? undefined : { Ustrd: payment.remittance },
  };
}

const accountOf = (iban: string): XmlTree => ({ Id: { IBAN: exact(iban) } });

function agentOf(bic: string | undefined, version: Pain001Version): XmlTree | undefined {
  if (bic === undefined) return undefined;
  return { FinInstnId: version === '001.09' ? { BICFI: exact(bic) } : { BIC: exact(bic) } };
}

/** Both versions have these elements in the same order; unstructured addresses are refused by banks since 15 November 2026. */
function addressOf(address: PostalAddress, form: AddressForm): XmlTree {
  const tree: Record<string, string[]> = {};
  for (const { element, text } of addressParts(address, form)) {
    tree[element] ??= [];
    tree[element].push(exact(text));
  }
  return tree;
}

/** What must reach the bank unchanged or not at all. */
function exact(text: string): string {
  if (!isSepaText(text))
    throw new RangeError('A value of the payment file has characters that a bank message cannot carry.');
  return text;
}
