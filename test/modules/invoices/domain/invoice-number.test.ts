import fc from 'fast-check';
import t from 'tap';
import {
  invoiceNumberClaim,
  invoiceNumberFindings,
  looseInvoiceNumber,
  normaliseInvoiceNumber,
} from '../../../../src/modules/invoices/domain/invoice-number.ts';

t.test('a number is one number however it is written', async (t) => {
  for (const [written, expected] of [
    ['INV-12', 'INV-12'],
    ['inv/0012', 'INV-12'],
    ['  Inv . 12 #', 'INV-12'],
    ['2026-00012', '2026-12'],
    ['00012', '12'],
    ['0', '0'],
    ['000', '0'],
    ['A-000-B', 'A-0-B'],
    ['A0012B0', 'A12B0'],
    ['100', '100'],
    ['1.0', '1-0'],
    ['RE–2026‑7', 'RE-2026-7'],
    ['Rechnung ä1', 'RECHNUNG-Ä1'],
    ['a\u0308 1', 'Ä-1'],
    ['\uff21\uff11\uff12', 'A12'],
    ['\u0660\u0661', '\u0660\u0661'],
  ] as const) {
    t.equal(normaliseInvoiceNumber(written), expected, JSON.stringify(written));
    t.strictSame(invoiceNumberFindings(written), []);
  }
});

t.test('a number without a letter or digit is refused', async (t) => {
  for (const written of ['', '   ', '---', '#/.', '\u2014']) {
    t.throws(() => normaliseInvoiceNumber(written), {
      kind: 'rule',
      code: 'invoice.invoice-number-empty',
      errors: [{ pointer: '/invoice_number' }],
    });
    t.match(invoiceNumberFindings(written), [{ pointer: '/invoice_number', detail: /at least one letter or digit/ }]);
  }
});

t.test('the loose form tells numbers that differ in separators alone', async (t) => {
  for (const [one, other, same] of [
    ['INV-12', 'INV12', true],
    ['2026-12', '202612', true],
    ['INV-12', 'inv 012', true],
    ['INV-12', 'INV-13', false],
  ] as const) {
    t.equal(looseInvoiceNumber(one) === looseInvoiceNumber(other), same, `${one} and ${other}`);
  }
});

t.test('a claim is by vendor, kind and number, and by year where a vendor restarts numbering', async (t) => {
  const invoice = {
    vendor_id: 'ven_1',
    type: 'invoice',
    invoice_number: 'inv 07',
    invoice_date: '2026-03-01',
  } as const;
  t.strictSame(invoiceNumberClaim(invoice), { claim: 'ven_1#invoice#INV-7', loose: 'ven_1#invoice#INV7' });
  t.strictSame(invoiceNumberClaim({ ...invoice, type: 'credit_note' }), {
    claim: 'ven_1#credit_note#INV-7',
    loose: 'ven_1#credit_note#INV7',
  });
  t.strictSame(invoiceNumberClaim(invoice, true), {
    claim: 'ven_1#invoice#INV-7#2026',
    loose: 'ven_1#invoice#INV7#2026',
  });
});

t.test('normalising twice changes nothing, and case and outer separators never matter', async () => {
  const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      anyText.filter((written) => invoiceNumberFindings(written).length === 0),
      (written) => {
        const once = normaliseInvoiceNumber(written);
        return (
          normaliseInvoiceNumber(once) === once &&
          normaliseInvoiceNumber(` ${written}/`) === once &&
          /^[^-]+(-[^-]+)*$/u.test(once)
        );
      },
    ),
    { numRuns: 500 },
  );
});

t.test('a number that does not fit a key once its characters are written out is refused', async (t) => {
  t.strictSame(invoiceNumberFindings('\ufdfa'.repeat(11)).length, 0);
  t.match(invoiceNumberFindings('\ufdfa'.repeat(12)), [{ pointer: '/invoice_number', detail: /is too long/ }]);
});
