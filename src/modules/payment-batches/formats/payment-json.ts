/** The JSON mirror of a payment file: what the bank is told, for programs. One payment a line, keys in a fixed order, amounts as strings. */

import { type AddressForm, addressParts, type PostalAddress } from '../../../shared/postal-address.ts';
import {
  controlSum,
  createdAtAsSent,
  type FilePayment,
  nameAsSent,
  type PaymentFile,
  paymentAsSent,
} from './payment-file.ts';

/** In pieces, like the XML: the opening, payments by the hundred, the closing. Same input, same bytes. */
export function* renderPaymentJson(file: PaymentFile): Generator<string, void, undefined> {
  yield `${JSON.stringify(headerOf(file), null, 2).slice(0, -2)},\n  "payments": [`;
  for (let start = 0; start < file.payments.length; start += PAYMENTS_A_CHUNK) {
    const some = file.payments.slice(start, start + PAYMENTS_A_CHUNK);
    const lines = some.map((payment) => `\n    ${JSON.stringify(paymentOf(payment, file))}`);
    yield (start === 0 ? '' : ',') + lines.join(',');
  }
  yield '\n  ]\n}\n';
}

const PAYMENTS_A_CHUNK = 100;

function headerOf(file: PaymentFile): object {
  const { debtor, currency } = file;
  return {
    message_id: file.message_id,
    created_at: createdAtAsSent(file.created_at),
    initiating_party: { name: nameAsSent(file.initiating_party.name, currency) },
    payment_information_id: file.payment_information_id,
    execution_date: file.execution_date,
    method: file.method,
    currency,
    batch_booking: file.batch_booking ?? null,
    count: file.payments.length,
    control_sum: controlSum(file),
    debtor: {
      name: nameAsSent(debtor.name, currency),
      iban: debtor.iban,
      bic: debtor.bic ?? null,
      country: debtor.country,
    },
  };
}

function paymentOf(payment: FilePayment, file: PaymentFile): object {
  const { creditor, ...sent } = paymentAsSent(payment, file.currency);
  const { address } = creditor;
  return {
    payment_id: sent.payment_id,
    end_to_end_id: sent.end_to_end_id,
    amount: sent.amount,
    creditor: {
      name: creditor.name,
      iban: creditor.iban,
      bic: creditor.bic ?? null,
      address: address === undefined ? null : addressOf(address, file.address_form ?? 'structured'),
    },
    remittance: sent.remittance,
  };
}

/** What the XML has of it, by our own names: a part that the form leaves out is null here too. */
function addressOf(address: PostalAddress, form: AddressForm): object {
  const sent = new Map(addressParts(address, form).map(({ field, text }) => [field, text]));
  const fields = ['line1', 'building_number', 'line2', 'city', 'postal_code', 'region', 'country'] as const;
  return Object.fromEntries(fields.map((field) => [field, sent.get(field) ?? null]));
}
