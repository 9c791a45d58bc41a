/** Approved invoices past their due date of which something is open and in no payment yet. */
import { addDays } from '../shared/clock.ts';
import type { Job } from './job.ts';

export const reportOverdue: Job = {
  summary: 'lists the invoices past their due date, and counts them',
  async run({ dependencies: { invoices, settings }, now, dryRun, report }) {
    const today = await settings.today(now());
    let overdue = 0;
    for await (const invoice of invoices.payable('invoice', addDays(today, -1))) {
      overdue += 1;
      const { id, vendor_id, invoice_number, due_date, payable_amount, currency, on_hold } = invoice;
      report.line('overdue', {
        invoice_id: id,
        vendor_id,
        invoice_number,
        due_date,
        payable_amount,
        currency,
        on_hold,
      });
    }
    if (!dryRun) report.metric({ name: 'overdue_invoices', value: overdue });
    return { result: 'ok', sentence: `${overdue} invoices were due before ${today}.`, facts: { overdue, today } };
  },
};
