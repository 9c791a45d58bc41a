/**
 * What a password may not be (NIST SP 800-63B, 5.1.1.2): length counts, not composition; but a password that is common, or made of what
 * everybody knows of the person or of this product, is guessed first. Offline: nothing of a password leaves the process.
 */
import { createRequire } from 'node:module';
import type { ErrorItem } from '../../shared/errors.ts';
import type { User } from './user.schema.ts';

const FEWEST_CHARACTERS = 5;
/** Fewer letters beside known words and digits add nothing that has to be guessed. */
const FEWEST_OWN_LETTERS = 5;
const FEWEST_OF_A_KNOWN_WORD = 3;
const PRODUCT = ['erp-lite', 'erp', 'lite', 'procure-to-pay', 'procuretopay', 'procure', 'pay', 'p2p'];

/** @returns one finding at most: the first reason is enough to choose another */
export function passwordFindings(password: string, user: Pick<User, 'email' | 'name'>): ErrorItem[] {
  const detail = reasonAgainst(folded(password), user);
  return detail === undefined ? [] : [{ pointer: '/password', detail }];
}

function reasonAgainst(given: string, { email, name }: Pick<User, 'email' | 'name'>): string | undefined {
  if (new Set(given).size < FEWEST_CHARACTERS) return `has fewer than ${FEWEST_CHARACTERS} different characters`;
  if (isMadeOf(given, [folded(email), ...wordsOf(email), ...wordsOf(name)]))
    return 'is made of the name or the e-mail of the user';
  if (isMadeOf(given, PRODUCT)) return 'is made of the name of this product';
  if (isCommon(given)) return 'is a password that many people use, or one of these with digits and signs added';
  return undefined;
}

/** Case, accents, width and the like tell nothing apart. */
const folded = (text: string): string => text.trim().normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const wordsOf = (text: string): string[] => [...new Set([lettersAndDigits(folded(text)), ...split(folded(text))])];

const split = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u);

const lettersAndDigits = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]+/gu, '');

/** True where hardly a letter is left once these words are taken out. */
function isMadeOf(given: string, words: readonly string[]): boolean {
  const known = words.filter(({ length }) => length >= FEWEST_OF_A_KNOWN_WORD).sort((a, b) => b.length - a.length);
  const left = known.reduce((text, word) => text.replaceAll(word, ' '), given);
  return left !== given && left.replaceAll(/\P{L}/gu, '').length < FEWEST_OWN_LETTERS;
}

/** As it is, without digits and signs in or around it, with signs read as letters, or any of these several times over. */
function isCommon(given: string): boolean {
  const common = commonPasswords();
  return [given, asLetters(given)]
    .flatMap((text) => [text, lettersAndDigits(text), lettersAndDigits(withoutEnds(text)), lettersOf(text)])
    .some((text) => common.has(text) || common.has(repeatedPart(text)));
}

const withoutEnds = (text: string): string => text.replaceAll(/^\P{L}+|\P{L}+$/gu, '');

/** A few letters between many digits are no word. */
function lettersOf(text: string): string {
  const letters = text.replaceAll(/\P{L}/gu, '');
  return letters.length < FEWEST_OWN_LETTERS ? '' : letters;
}

const SIGNS: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  '5': 's',
  $: 's',
  '7': 't',
};

const asLetters = (text: string): string => text.replaceAll(/[@431!05$7](?=.*\p{L})/gu, (sign) => String(SIGNS[sign]));

/** `qwertyqwerty` is `qwerty`. */
const repeatedPart = (text: string): string => text.slice(0, `${text}${text}`.indexOf(text, 1));

let kept: ReadonlySet<string> | undefined;

/** Some 49,000, read when the first password is chosen: most processes never ask. */
function commonPasswords(): ReadonlySet<string> {
  if (kept !== undefined) return kept;
  const { dictionary } = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as CommonWords;
  const texts = dictionary['passwords-common'].map(folded);
  kept = new Set([...texts, ...texts.map(lettersAndDigits)].filter((text) => text !== ''));
  return kept;
}

interface CommonWords {
  readonly dictionary: { readonly 'passwords-common': readonly string[] };
}
