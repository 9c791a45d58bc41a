/** Why a bank refuses or returns a payment: the codes of ISO 20022 and NACHA in words. Pure. */

const ISO: Readonly<Record<string, string>> = {
  AC01: 'the account number is wrong',
  AC02: "the debtor's account number is wrong",
  AC03: "the creditor's account number is wrong",
  AC04: 'the account is closed',
  AC06: 'the account is blocked',
  AC13: 'the account is of a kind that takes no such payment',
  AC14: 'the account cannot be used with this agent',
  AC15: 'the account details were changed',
  AG01: 'the account takes no such payment',
  AG02: 'the bank does not know this kind of transaction',
  AM01: 'the amount is zero',
  AM02: 'the amount is over what is allowed',
  AM03: 'the currency is not processed',
  AM04: 'there are not enough funds',
  AM05: 'the payment is a duplicate',
  AM06: 'the amount is below what is allowed',
  AM07: 'the amount was blocked by an authority',
  AM09: 'the amount is not what was agreed',
  AM10: 'the sum of the amounts is not the control sum',
  BE01: 'the name does not belong to the account',
  BE04: "the creditor's address is missing or wrong",
  BE05: 'the bank does not know who sent the file',
  BE06: 'the customer is not known at this account',
  BE07: "the debtor's address is missing",
  CNOR: "the creditor's bank is not registered",
  CUST: 'the customer asked for it',
  DNOR: "the debtor's bank is not registered",
  DT01: 'the date is wrong or not a banking day',
  DU01: 'the message id was used before',
  DU02: 'the payment information id was used before',
  DU04: 'the end-to-end id was used before',
  DUPL: 'the payment is a duplicate',
  ED05: 'the settlement failed',
  FF01: 'the file format is not valid',
  FOCR: 'it was returned after a request to cancel it',
  FR01: 'fraud is suspected',
  MD07: 'the creditor is deceased',
  MS02: 'the creditor gave no reason',
  MS03: 'the bank gave no reason',
  NARR: 'the reason is in the text',
  NOAS: 'the customer did not answer',
  RC01: 'the BIC is wrong',
  RC04: "the creditor's bank identifier is wrong",
  RF01: 'the reference is not unique',
  RR01: "the debtor's account or identification is missing",
  RR02: "the debtor's name or address is missing",
  RR03: "the creditor's name or address is missing",
  RR04: 'a regulatory reason',
  TECH: 'a technical problem',
  TM01: 'it came after the cut-off time',
  UPAY: 'the payment was not due',
};

/** NACHA's codes with the code of ISO 20022 that a payment keeps. */
const NACHA: Readonly<Record<string, readonly [iso: string, text: string]>> = {
  R01: ['AM04', 'there are not enough funds'],
  R02: ['AC04', 'the account is closed'],
  R03: ['AC01', 'there is no account, or it cannot be found'],
  R04: ['AC01', 'the account number is not valid'],
  R06: ['CUST', "it was returned at the sending bank's request"],
  R08: ['CUST', 'the payment was stopped'],
  R09: ['AM04', 'the funds are not collected yet'],
  R10: ['CUST', 'the customer says that it was not authorized'],
  R12: ['AC04', 'the account was sold to another bank'],
  R14: ['MD07', 'the payee is deceased'],
  R15: ['MD07', 'the beneficiary is deceased'],
  R16: ['AC06', 'the account is frozen'],
  R17: ['FF01', 'a field cannot be processed'],
  R20: ['AG01', 'the account takes no such payment'],
  R21: ['BE05', 'the company identification is not valid'],
  R22: ['BE06', 'the individual id number is not valid'],
  R23: ['MS02', 'the receiver refused the credit'],
  R24: ['AM05', 'the entry is a duplicate'],
  R29: ['CUST', 'the corporate customer says that it was not authorized'],
  C01: ['AC01', 'the account number is to be changed'],
  C02: ['RC04', 'the routing number is to be changed'],
  C03: ['AC15', 'the routing number and the account number are to be changed'],
  C04: ['BE01', 'the name is to be changed'],
  C05: ['AC13', 'the transaction code is to be changed'],
  C06: ['AC15', 'the account number and the transaction code are to be changed'],
  C07: ['AC15', 'the routing number, the account number and the transaction code are to be changed'],
};

/** In words; a code that is not known is named, never hidden. */
export function explainReason(code: string): string {
  const text = ISO[code] ?? NACHA[code]?.[1];
  return text === undefined ? `the bank's code ${code}` : `${text} (${code})`;
}

/** Four characters as a payment keeps them: what ISO 20022 has no code for is `NARR`, no reason at all `MS03`. */
export function isoReason(code: string | null): string {
  if (code === null) return 'MS03';
  const mapped = NACHA[code]?.[0] ?? code;
  return /^[A-Z0-9]{4}$/.test(mapped) ? mapped : 'NARR';
}
