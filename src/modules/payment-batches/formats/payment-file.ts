/**
 * The payments of one batch as plain data, and what a bank is told of them. Every format is a pure function of this: the same input gives
 * the same bytes.
 */
import type { AccountFinding } from '../../../shared/bank-account-number.ts';
import { add, amount, type Decimal, fitsCurrency, ZERO } from '../../../shared/money.ts';
import type { AddressForm, PostalAddress } from '../../../shared/postal-address.ts';
import { NAME_LENGTH, REMITTANCE_LENGTH, SEPA_NAME_LENGTH, sepaText } from '../../../shared/sepa-text.ts';

export interface FilePayment {
  readonly payment_id: string;
  readonly end_to_end_id: string;
  /** In the file's currency, with no more digits than it has. */
  readonly amount: Decimal;
  readonly creditor: {
    readonly name: string;
    readonly iban: string;
    readonly bic?: string | undefined;
    readonly address?: PostalAddress | undefined;
  };
  /** For the creditor to read; may be empty. */
  readonly remittance: string;
}

export interface PaymentFile {
  readonly message_id: string;
  /** RFC 3339 UTC. */
  readonly created_at: string;
  readonly initiating_party: { readonly name: string };
  readonly payment_information_id: string;
  /** `YYYY-MM-DD`. */
  readonly execution_date: string;
  readonly debtor: {
    readonly name: string;
    readonly iban: string;
    readonly bic?: string | undefined;
    readonly country: string;
  };
  readonly method: 'bank_transfer';
  readonly currency: string;
  /** How addresses of creditors are written; in elements where absent. */
  readonly address_form?: AddressForm | undefined;
  /** One debit for the whole file; the bank's agreement decides where it is absent. */
  readonly batch_booking?: boolean | undefined;
  readonly payments: readonly FilePayment[];
}

/** What is wrong with a file; `payment_id` where it is one payment's, the pointer is into the PaymentFile. */
export interface Finding extends AccountFinding {
  readonly payment_id?: string | undefined;
}

/** Euro payments are SEPA credit transfers, which have rules of their own. */
export const isSepa = (currency: string): boolean => currency === 'EUR';

/** Exact sum of all amounts, in the currency's digits. */
export const controlSum = (file: PaymentFile): Decimal =>
  amount(
    file.payments.reduce((sum, payment) => add(sum, payment.amount), ZERO),
    file.currency,
  );

/** A payment with its texts and amount as the bank reads them. @throws RangeError for an amount that would have to be rounded. */
export function paymentAsSent(payment: FilePayment, currency: string): FilePayment {
  if (!fitsCurrency(payment.amount, currency)) throw new RangeError(`An amount has more digits than ${currency}.`);
  const { creditor } = payment;
  return {
    ...payment,
    amount: amount(payment.amount, currency),
    creditor: {
      ...creditor,
      name: nameAsSent(creditor.name, currency),
    },
    remittance: sepaText(payment.remittance, REMITTANCE_LENGTH),
  };
}

export const nameAsSent = (name: string, currency: string): string =>
  sepaText(name, isSepa(currency) ? SEPA_NAME_LENGTH : NAME_LENGTH);

/** To the second: fractions are valid in the schema, and some banks refuse them. */
export const createdAtAsSent = (createdAt: string): string => `${createdAt.slice(0, 19)}Z`;
