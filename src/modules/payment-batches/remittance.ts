/** What the vendor reads beside the amount: the invoice, and why less is paid than it says. Pure. */
import { add, isZero, sumAmounts } from '../../shared/money.ts';
import type { Payment } from '../payments/index.ts';
import { REMITTANCE_LENGTH, sepaText } from './formats/index.ts';

export type Remitted = Pick<
  Payment,
  'invoice_number' | 'payment_amount' | 'discount_taken' | 'currency' | 'netted_credits'
>;

/** A number is cut here, so that the amounts have room. */
const NUMBER_LENGTH = 60;

/** Made of what is frozen with the payment alone. As many credit notes are named as there is room for, the others with their sum. */
export function remittanceOf(payment: Remitted): string {
  const { invoice_number, netted_credits: credits, discount_taken } = payment;
  if (credits === undefined || (credits.length === 0 && isZero(discount_taken))) return invoice_number;
  for (let named = credits.length; named > 0; named -= 1) {
    const text = remittanceNaming(payment, credits, named);
    if (text.length <= REMITTANCE_LENGTH) return text;
  }
  return remittanceNaming(payment, credits, 0);
}

function remittanceNaming(payment: Remitted, credits: NonNullable<Remitted['netted_credits']>, named: number): string {
  const { currency, payment_amount, discount_taken } = payment;
  const gross = sumAmounts([add(payment_amount, discount_taken), ...credits.map(({ amount }) => amount)], currency);
  const others = credits.slice(named);
  const less = [
    ...credits.slice(0, named).map(({ invoice_number = 'credit', amount }) => `${short(invoice_number)} ${amount}`),
    ...(others.length === 0
      ? []
      : [
          `${others.length} ${named === 0 ? '' : 'other '}credit notes ${sumAmounts(
            others.map(({ amount }) => amount),
            currency,
          )}`,
        ]),
    ...(isZero(discount_taken) ? [] : [`discount ${discount_taken}`]),
  ];
  return `${short(payment.invoice_number)} ${gross} less ${less.join(', ')}`;
}

const short = (number: string): string => sepaText(number, NUMBER_LENGTH);
