/**
 * Text as banks carry it: the SEPA character set (EPC217-08), everything else transliterated. Names and messages may lose their end at a
 * limit the message sets; an id is never changed, because what comes back from the bank must match it.
 */
import anyAscii from 'any-ascii';
import type { ErrorItem } from './errors.ts';

/** Longest name in a SEPA credit transfer (EPC132-08, AT-P001). ISO 20022 alone allows 140. */
export const SEPA_NAME_LENGTH = 70;
export const NAME_LENGTH = 140;
export const REMITTANCE_LENGTH = 140;
export const REFERENCE_LENGTH = 35;

/** Transliterates, makes one space of every run of white space and control characters, and cuts at `maxLength`. May become empty. */
export function sepaText(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const ascii = anyAscii(text.normalize('NFC').replace(SPACING, ' ').replace(PICTURES, ''));
  const allowed = ascii.replace(NOT_ALLOWED, (character) => STAND_INS[character] ?? '.');
  return allowed.replace(/ +/g, ' ').trim().slice(0, maxLength).trimEnd();
}

/** A name or reference of which a bank would be told nothing; found where it is entered and not in the file. */
export const uncarriedFindings = (text: string, pointer: string): ErrorItem[] =>
  /[a-zA-Z0-9]/.test(sepaText(text))
    ? []
    : [{ pointer, detail: 'has no letter or digit that a bank can carry; write it in Latin letters', rule: 'SEPA' }];

/** True where every character is in the set, so that the text may stand in a message as it is. */
export const isSepaText = (text: string): boolean => ALLOWED_ONLY.test(text);

/** What is wrong with an id, in words; nothing for an id that goes through every bank unchanged. */
export function referenceMistakes(id: string): string[] {
  const mistakes: string[] = [];
  if (id.length === 0) mistakes.push('It is empty.');
  if (id.length > REFERENCE_LENGTH) mistakes.push(`It has ${id.length} characters, ${REFERENCE_LENGTH} are allowed.`);
  if (id.length > 0 && !isSepaText(id))
    mistakes.push("It may only have a-z A-Z 0-9 / - ? : ( ) . , ' + and spaces inside.");
  if (id !== id.trim()) mistakes.push('It starts or ends with a space.');
  if (id.startsWith('/') || id.endsWith('/') || id.includes('//')) {
    mistakes.push('A slash may not be its first or last character, nor follow another.');
  }
  return mistakes;
}

/**
 * An id of ours as banks take it: `pay_` and a UUID are 40 characters with an underscore, the same as `PAY` and 32 hexadecimal digits are
 * the 35 that ISO 20022 allows.
 */
export const bankReference = (id: string): string => id.replace(/[_-]/g, '').toUpperCase();

const SPACING = /[\p{White_Space}\p{Cc}]+/gu;
/** Emoji would be spelt out (":coffee:"), and a bank that compares names would find another payee. */
const PICTURES = /(?![©®™‼⁉ℹ])\p{Extended_Pictographic}|[\p{Emoji_Presentation}\p{Variation_Selector}]/gu;
const NOT_ALLOWED = /[^a-zA-Z0-9/\-?:().,'+ ]/g;
const ALLOWED_ONLY = /^[a-zA-Z0-9/\-?:().,'+ ]+$/;

/** The nearest character of the set where there is one; a full stop stands for the others. */
const STAND_INS: Readonly<Record<string, string>> = {
  '&': '+',
  _: '-',
  '~': '-',
  '=': '-',
  ';': ',',
  '"': "'",
  '`': "'",
  '[': '(',
  '{': '(',
  '<': '(',
  ']': ')',
  '}': ')',
  '>': ')',
  '|': '/',
  '\\': '/',
};
