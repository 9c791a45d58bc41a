/** Amounts, directions and days of ISO 20022, read leniently and kept exactly: what cannot be read is null, never a guess. Pure. */
import { amount, type Decimal, fitsCurrency, isCurrency, plain } from '../../../shared/money.ts';
import { nodeAt, textAt, type XmlNode } from './xml-node.ts';

export type Direction = 'credit' | 'debit';

export interface Money {
  /** Without a sign; the direction has it. */
  readonly amount: Decimal;
  readonly currency: string;
}

/** `<Amt Ccy="EUR">18.150</Amt>` at a path; null where there is none, or one that is no amount. */
export function moneyAt(node: XmlNode, ...path: readonly string[]): Money | null {
  const found = nodeAt(node, ...path);
  const currency = found?.attributes['Ccy'] ?? '';
  return found === undefined ? null : moneyOf(found.text, currency);
}

/** Banks write more digits than the currency has ("18.150"), and a sum of batches without its currency. */
export function moneyOf(text: string, currency: string): Money | null {
  const [, whole, fraction = ''] = AMOUNT.exec(text) ?? [];
  if (whole === undefined || !CURRENCY.test(currency)) return null;
  const value = plain(`${whole}.${fraction}0`);
  const padded = isCurrency(currency) && fitsCurrency(value, currency);
  return { amount: padded ? amount(value, currency) : value, currency };
}

const AMOUNT = /^\+?0*(\d{1,15})(?:\.(\d{0,6})0*)?$/;
const CURRENCY = /^[A-Z]{3}$/;

/** `CdtDbtInd` of this element. */
export function directionOf(node: XmlNode): Direction | null {
  const text = textAt(node, 'CdtDbtInd');
  return text === 'CRDT' ? 'credit' : text === 'DBIT' ? 'debit' : null;
}

/** The day as the bank counts it: a time keeps the day of its own zone. */
export function dayAt(node: XmlNode, name: string): string | null {
  const text = textAt(node, name, 'Dt') ?? textAt(node, name, 'DtTm') ?? textAt(node, name);
  const day = DAY.exec(text ?? '')?.[0];
  return day !== undefined && isDay(day) ? day : null;
}

const DAY = /^\d{4}-\d{2}-\d{2}(?=$|[T+Z-])/;
const isDay = (day: string): boolean => {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
};

/** A whole number, such as a count or a sequence number. */
export function wholeAt(node: XmlNode, ...path: readonly string[]): number | null {
  const text = textAt(node, ...path) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

export function flagAt(node: XmlNode, name: string): boolean | null {
  const text = textAt(node, name);
  return text === null ? null : /^(?:true|1)$/i.test(text);
}
