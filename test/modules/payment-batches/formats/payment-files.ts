/** A payment file in our own words, with example accounts of the IBAN registry. */
import type { FilePayment, PaymentFile } from '../../../../src/modules/payment-batches/formats/index.ts';

export const payment = (changes: Partial<FilePayment> = {}): FilePayment => ({
  payment_id: 'pay_01980000-0000-7000-8000-000000000001',
  end_to_end_id: 'PAY01980000000070008000000000000001',
  amount: '850.00',
  creditor: {
    name: 'Schrauben Müller & Söhne GmbH',
    iban: 'DE89370400440532013000',
    bic: 'COBADEFFXXX',
    address: { line1: 'Gießereistraße 7', city: 'Köln', postal_code: '50667', country: 'DE' },
  },
  remittance: 'Invoice 2026-0815',
  ...changes,
});

export const paymentFile = (changes: Partial<PaymentFile> = {}): PaymentFile => ({
  message_id: 'BAT01980000000070008000000000000009',
  created_at: '2026-06-30T14:05:09.123Z',
  initiating_party: { name: 'Example Works B.V.' },
  payment_information_id: 'BAT01980000000070008000000000000009',
  execution_date: '2026-07-01',
  debtor: { name: 'Example Works B.V.', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A', country: 'NL' },
  method: 'bank_transfer',
  currency: 'EUR',
  batch_booking: true,
  payments: [
    payment(),
    payment({
      payment_id: 'pay_01980000-0000-7000-8000-000000000002',
      end_to_end_id: 'PAY01980000000070008000000000000002',
      amount: '0.1',
      creditor: { name: "L'Atelier <Été>", iban: 'FR1420041010050500013M02606' },
      remittance: '',
    }),
    payment({
      payment_id: 'pay_01980000-0000-7000-8000-000000000003',
      end_to_end_id: 'PAY01980000000070008000000000000003',
      amount: '1234567.89',
      creditor: {
        name: 'Łódź Paper',
        iban: 'GB29NWBK60161331926819',
        bic: 'NWBKGB2L',
        address: { line1: '', city: 'Leeds', country: 'GB' },
      },
      remittance: 'Invoices 7; 8 and 9 – thank you',
    }),
  ],
  ...changes,
});

/** As many small payments as wanted, all different. */
export const manyPayments = (count: number, amount = '1.10'): FilePayment[] =>
  Array.from({ length: count }, (_, index) =>
    payment({ payment_id: `pay_${index}`, end_to_end_id: `E${index}`, amount }),
  );
