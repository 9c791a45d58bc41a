/** What tests of invoices start from: what a receipt leaves on an order, and the body of an invoice for its lines. */
import { moveCounters } from '../../src/modules/purchase-orders/index.ts';
import { idSource } from '../../src/shared/command.ts';
import { newId } from '../../src/shared/ids.ts';
import { add, amount, multiply } from '../../src/shared/money.ts';
import { permissionsOf } from '../../src/shared/permissions.ts';
import type { TestApi } from './api.ts';

export interface BilledLine {
  readonly quantity: string;
  /** The order's line; 1 where absent. */
  readonly line?: number;
  readonly unit_price?: string;
  readonly more?: object;
}

let numbers = 0;
export const invoiceNumber = (): string => {
  numbers += 1;
  return `INV-${100_000 + numbers}`;
};

/** Lines at the order's price and 21 percent tax, with totals that agree. */
export function invoiceBody(vendorId: string, poId: string | undefined, lines: readonly BilledLine[], more = {}) {
  const line_items = lines.map(({ quantity, line = 1, unit_price = '2.50', more: rest }) => ({
    ...(poId === undefined ? {} : { po_line_number: line }),
    description: 'Copy paper A4',
    quantity,
    unit_price,
    tax_rate: '21',
    amount: amount(multiply(quantity, unit_price), 'EUR'),
    ...rest,
  }));
  const subtotal = amount(add(...line_items.map((each) => each.amount)), 'EUR');
  const tax_amount = amount(multiply(subtotal, '0.21'), 'EUR');
  return {
    vendor_id: vendorId,
    ...(poId === undefined ? {} : { po_id: poId }),
    invoice_number: invoiceNumber(),
    invoice_date: '2026-07-01',
    currency: 'EUR',
    line_items,
    subtotal,
    tax_amount,
    total_amount: amount(add(subtotal, tax_amount), 'EUR'),
    ...more,
  };
}

/** The order's counters as receipts, and returns, leave them. */
export async function receive(
  { dependencies }: Pick<TestApi, 'dependencies'>,
  poId: string,
  quantity: string,
  { line = 1, returned = '0' }: { readonly line?: number; readonly returned?: string } = {},
): Promise<void> {
  const { purchaseOrderRepository: orders, unitOfWork } = dependencies;
  const actor = { id: newId('user'), roles: [], permissions: permissionsOf([]) };
  const command = { actor, now: new Date(), request_id: 'test', dryRun: false, ids: idSource() };
  await unitOfWork.run(command, async () => {
    const { order, counters } = await orders.loadOrderForDecision(poId);
    const after = moveCounters(counters, [
      { line_number: line, received_quantity: quantity, returned_quantity: returned },
    ]);
    const { writes } = orders.orderStatusWrites(command, order, after);
    return { result: undefined, writes: [...orders.counterWrites(counters, after), ...writes] };
  });
}
