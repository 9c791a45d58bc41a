/** What would make a bank refuse a payment file, all of it at once, found before a byte is written. */
import { bicFindings, ibanFindings, isSepaAccount } from '../../../shared/bank-account-number.ts';
import { type BankingCalendar, nextBankingDay, TARGET } from '../../../shared/business-days.ts';
import { isCalendarDay } from '../../../shared/clock.ts';
import { compare, fitsCurrency, isCurrency, isPositive, NON_NEGATIVE_DECIMAL_PATTERN } from '../../../shared/money.ts';
import { addressFindings } from '../../../shared/postal-address.ts';
import { referenceMistakes } from '../../../shared/sepa-text.ts';
import type { Pain001Version } from './pain-001.ts';
import { controlSum, type FilePayment, type Finding, isSepa, nameAsSent, type PaymentFile } from './payment-file.ts';

export interface PaymentFileCheck {
  readonly version: Pain001Version;
  /** The company's calendar day. */
  readonly today: string;
  /** The bank profile's; TARGET without one. */
  readonly calendar?: BankingCalendar | undefined;
}

/** Every finding, with the payment it concerns and the rule it breaks; none means the file may be rendered. */
export function checkPaymentFile(file: PaymentFile, options: PaymentFileCheck): Finding[] {
  const payments = file.payments.flatMap((payment, index) =>
    paymentFindings(payment, `/payments/${index}`, file, options.version).map((item) => ({
      ...item,
      payment_id: payment.payment_id,
    })),
  );
  return [
    ...headerFindings(file),
    ...executionDateFindings(file.execution_date, options),
    ...debtorFindings(file, options.version),
    ...payments,
    ...duplicateFindings(file),
    ...totalFindings(file),
  ];
}

function headerFindings(file: PaymentFile): Finding[] {
  const findings = [
    ...reference(file.message_id, '/message_id', 'MsgId'),
    ...reference(file.payment_information_id, '/payment_information_id', 'PmtInfId'),
    ...name(file.initiating_party.name, '/initiating_party/name', file.currency),
  ];
  if (!TIMESTAMP.test(file.created_at) || Number.isNaN(Date.parse(file.created_at))) {
    findings.push({ pointer: '/created_at', detail: 'It must be an RFC 3339 time in UTC.', rule: 'CreDtTm' });
  }
  if (!isCurrency(file.currency)) {
    findings.push({ pointer: '/currency', detail: `"${file.currency}" is not an ISO 4217 currency.`, rule: 'Ccy' });
  }
  return findings;
}

function executionDateFindings(day: string, options: PaymentFileCheck): Finding[] {
  const { today, calendar = TARGET } = options;
  const finding = (detail: string): Finding[] => [{ pointer: '/execution_date', detail, rule: 'ReqdExctnDt' }];
  if (!isCalendarDay(day)) return finding('It must be a date of the calendar, YYYY-MM-DD.');
  if (day < today) return finding(`${day} is past: the next banking day is ${nextBankingDay(today, calendar)}.`);
  if (calendar.isBankingDay(day)) return [];
  return finding(`${day} is no banking day (${calendar.name}): the next one is ${nextBankingDay(day, calendar)}.`);
}

function debtorFindings(file: PaymentFile, version: Pain001Version): Finding[] {
  const { debtor, currency } = file;
  return [
    ...name(debtor.name, '/debtor/name', currency),
    ...account(debtor.iban, debtor.bic, '/debtor', currency, version),
    ...country(debtor.country, '/debtor/country'),
  ];
}

function paymentFindings(payment: FilePayment, at: string, file: PaymentFile, version: Pain001Version): Finding[] {
  const { creditor } = payment;
  const { currency } = file;
  return [
    ...reference(payment.end_to_end_id, `${at}/end_to_end_id`, 'EndToEndId'),
    ...amountFindings(payment.amount, `${at}/amount`, currency),
    ...name(creditor.name, `${at}/creditor/name`, currency),
    ...account(creditor.iban, creditor.bic, `${at}/creditor`, currency, version),
    ...(creditor.address === undefined
      ? []
      : addressFindings(creditor.address, `${at}/creditor/address`, file.address_form ?? 'structured')),
  ];
}

/** SEPA: 0.01 to 999,999,999.99 (EPC132-08, AT-T002). */
function amountFindings(value: string, pointer: string, currency: string): Finding[] {
  const finding = (detail: string): Finding[] => [{ pointer, detail, rule: 'InstdAmt' }];
  if (!AMOUNT.test(value)) return finding('It must be a decimal string of at most 15 digits and 6 behind the point.');
  if (!isPositive(value)) return finding('It must be more than nothing.');
  if (isCurrency(currency) && !fitsCurrency(value, currency))
    return finding(`It has more digits than ${currency} has.`);
  if (isSepa(currency) && compare(value, SEPA_MAXIMUM) > 0) {
    return finding(`A SEPA credit transfer carries at most ${SEPA_MAXIMUM}: pay it in parts.`);
  }
  return [];
}

function account(
  iban: string,
  bic: string | undefined,
  at: string,
  currency: string,
  version: Pain001Version,
): Finding[] {
  const findings: Finding[] = ibanFindings(iban, `${at}/iban`);
  if (findings.length === 0 && isSepa(currency) && !isSepaAccount(iban)) {
    findings.push({ pointer: `${at}/iban`, detail: 'The account is outside the SEPA area.', rule: 'SEPA' });
  }
  if (bic === undefined) return findings;
  return [...findings, ...bicFindings(bic, `${at}/bic`, version === '001.03' ? 'BIC' : 'BICFI')];
}

function duplicateFindings(file: PaymentFile): Finding[] {
  const repeated = (key: 'payment_id' | 'end_to_end_id', rule: string): Finding[] => {
    const first = new Map<string, number>();
    return file.payments.flatMap((payment, index) => {
      const before = first.get(payment[key]);
      if (before === undefined) first.set(payment[key], index);
      const detail = `"${payment[key]}" is in the file already, as /payments/${before}.`;
      const pointer = `/payments/${index}/${key}`;
      return before === undefined ? [] : [{ pointer, detail, rule, payment_id: payment.payment_id }];
    });
  };
  return [...repeated('payment_id', 'unique'), ...repeated('end_to_end_id', 'EndToEndId')];
}

/** CtrlSum has at most 18 digits in the schema. Where an amount or the currency is wrong there is no sum to check. */
function totalFindings(file: PaymentFile): Finding[] {
  if (file.payments.length === 0) {
    return [{ pointer: '/payments', detail: 'A file needs at least one payment.', rule: 'NbOfTxs' }];
  }
  if (!isCurrency(file.currency) || !file.payments.every((payment) => AMOUNT.test(payment.amount))) return [];
  const digits = controlSum(file).replace('.', '').length;
  const detail = `The control sum has ${digits} digits, 18 are allowed: split the file.`;
  return digits > 18 ? [{ pointer: '/payments', detail, rule: 'CtrlSum' }] : [];
}

const reference = (id: string, pointer: string, rule: string): Finding[] =>
  referenceMistakes(id).map((detail) => ({ pointer, detail, rule }));

const name = (text: string, pointer: string, currency: string): Finding[] =>
  !/[a-zA-Z0-9]/.test(nameAsSent(text, currency))
    ? [{ pointer, detail: 'It has no letter or digit a bank could carry.', rule: 'Nm' }]
    : [];

const country = (code: string, pointer: string): Finding[] =>
  /^[A-Z]{2}$/.test(code) ? [] : [{ pointer, detail: 'It must be an ISO 3166 code of two letters.', rule: 'Ctry' }];

const AMOUNT = new RegExp(NON_NEGATIVE_DECIMAL_PATTERN);
const SEPA_MAXIMUM = '999999999.99';
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
