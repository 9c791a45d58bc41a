/** One text for an item in DynamoDB's own form, the same before it is written and after it is read: what a seal is taken over. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { big } from '../money.ts';
import type { WireItem } from './wire.ts';

/** Every text carries its length and every value its type, so that no two items have the same text. */
export function canonicalItem(item: WireItem): string {
  let text = '{';
  for (const name of Object.keys(item).sort()) {
    const value = item[name];
    if (value !== undefined) text += `${counted(name)}${canonicalValue(value)}`;
  }
  return `${text}}`;
}

const counted = (text: string): string => `${text.length}:${text}`;

function canonicalValue(value: AttributeValue): string {
  if (value.S !== undefined) return `S${counted(value.S)}`;
  if (value.N !== undefined) return `N${counted(number(value.N))}`;
  if (value.M !== undefined) return `M${canonicalItem(value.M)}`;
  if (value.L !== undefined) return `L[${value.L.map(canonicalValue).join('')}]`;
  if (value.B !== undefined) return `B${counted(Buffer.from(value.B).toString('base64'))}`;
  if (value.BOOL !== undefined) return value.BOOL ? 'T' : 'F';
  // Sets are never written: one that is read is somebody else's.
  return value.NULL === true ? '0' : '?';
}

/** DynamoDB trims zeros and chooses its own exponents. */
const TRIMMED = /^(?:0|-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d*[1-9])$/;

const number = (text: string): string => (TRIMMED.test(text) ? text : big(text).toFixed().replace(/^-0$/, '0'));
