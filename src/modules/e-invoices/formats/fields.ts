/** Reads fields out of the tree and keeps, beside the model, what the rules on codes and decimals check and where it stands. */
import type { Amount, Finding, Identifier } from './model.ts';
import type { XmlElement } from './xml-tree.ts';

/** The rule of EN 16931 that says from which list a code comes. */
export type CodeRule = `BR-CL-${string}`;
/** The rule of EN 16931 that limits the decimals of an amount; prices have none. */
export type DecimalsRule = `BR-DEC-${string}`;

interface Mark {
  readonly value: string;
  readonly path: string;
}
export interface CodeMark extends Mark {
  readonly rule: CodeRule;
}
export interface AmountMark extends Mark {
  readonly rule: DecimalsRule | undefined;
}

export interface Marks {
  readonly codes: CodeMark[];
  readonly amounts: AmountMark[];
  /** What a schema would refuse: text where a number or a date belongs. */
  readonly syntax: Finding[];
}

type Parent = XmlElement | undefined;
type Names = readonly string[];

const DECIMAL = /^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})$/;

export const isDecimal = (text: string): boolean => DECIMAL.test(text);

export function isDate(text: string): boolean {
  const date = /^(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?$/.exec(text)?.[1];
  if (date === undefined) return false;
  const at = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
}

/** All elements at a path of names. */
export function all(from: Parent, ...names: Names): readonly XmlElement[] {
  let found: readonly XmlElement[] = from === undefined ? [] : [from];
  for (const name of names) found = found.flatMap((one) => one.children.filter((child) => child.name === name));
  return found;
}

/** The first element at a path of names. */
export function one(from: Parent, ...names: Names): Parent {
  let found = from;
  for (const name of names) found = found?.children.find((child) => child.name === name);
  return found;
}

/** Text without the space around it; undefined where it is blank. */
export function text(from: Parent, ...names: Names): string | undefined {
  const value = one(from, ...names)?.text.trim();
  return value === '' ? undefined : value;
}

export function attribute(from: Parent, name: string): string | undefined {
  const value = from?.attributes[name]?.trim();
  return value === '' ? undefined : value;
}

export class Fields {
  readonly marks: Marks = { codes: [], amounts: [], syntax: [] };

  amount(rule: DecimalsRule | undefined, from: Parent, ...names: Names): Amount | undefined {
    const element = one(from, ...names);
    const value = this.decimal(element);
    const currency = this.codeAt('BR-CL-03', element, 'currencyID');
    if (element === undefined || value === undefined) return undefined;
    this.marks.amounts.push({ rule, value, path: element.path });
    return { value, currency };
  }

  decimal(from: Parent, ...names: Names): string | undefined {
    const element = one(from, ...names);
    const value = text(element);
    if (element === undefined || value === undefined) return undefined;
    if (!isDecimal(value)) this.refuse(element, `"${value.slice(0, 40)}" is no decimal number.`);
    return value;
  }

  /** A date as YYYY-MM-DD, of ISO 8601 or of the CII format 102. */
  date(from: Parent, ...names: Names): string | undefined {
    const element = one(from, ...names);
    const written = text(element);
    if (element === undefined || written === undefined) return undefined;
    const value = written.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
    if (isDate(value)) return value.slice(0, 10);
    this.refuse(element, `"${written.slice(0, 40)}" is no date.`);
    return value;
  }

  code(rule: CodeRule, from: Parent, ...names: Names): string | undefined {
    const element = one(from, ...names);
    const value = text(element);
    if (element !== undefined && value !== undefined) this.marks.codes.push({ rule, value, path: element.path });
    return value;
  }

  codeAt(rule: CodeRule, element: Parent, name: string): string | undefined {
    const value = attribute(element, name);
    if (element !== undefined && value !== undefined)
      this.marks.codes.push({ rule, value, path: `${element.path}/@${name}` });
    return value;
  }

  /** An identifier with its scheme. */
  identifier(rule: CodeRule, element: XmlElement, scheme = 'schemeID'): Identifier {
    return { path: element.path, id: text(element), scheme: this.codeAt(rule, element, scheme) };
  }

  identifierAt(rule: CodeRule, element: Parent): Identifier | undefined {
    return element === undefined ? undefined : this.identifier(rule, element);
  }

  private refuse({ path }: XmlElement, message: string): void {
    this.marks.syntax.push({ rule: 'SYNTAX', severity: 'fatal', location: path, message });
  }
}
