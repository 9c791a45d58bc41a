import t from 'tap';
import {
  isSameNumber,
  mayEnterNumber,
  requireEntry,
  requireMayEnter,
  requireNoNumberIn,
  withWrongEntry,
  wrongEntry,
} from '../../../src/shared/decisions/verification.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const IBAN = { iban: 'NL91ABNA0417164300', routing_number: null, account_number: null };
const US = { iban: null, routing_number: '021000021', account_number: '12345678' };

t.test('the entered number is compared without regard to spaces and case', async (t) => {
  const CASES = [
    [IBAN, { iban: 'nl91 abna 0417 1643 00' }, true],
    [IBAN, { iban: 'NL91ABNA0417164301' }, false],
    [IBAN, { iban: 'NL91ABNA041716430' }, false],
    [US, { routing_number: '021 000 021', account_number: '1234 5678' }, true],
    [US, { routing_number: '021000021', account_number: '12345679' }, false],
    [US, { routing_number: '021000089', account_number: '12345678' }, false],
    [US, { routing_number: '02100002', account_number: '112345678' }, false],
  ] as const;
  for (const [account, entered, same] of CASES) t.equal(isSameNumber(account, entered), same, JSON.stringify(entered));
});

t.test('exactly the fields of the account are entered', async (t) => {
  const CASES = [
    [IBAN, { iban: 'X' }, []],
    [IBAN, {}, ['/iban']],
    [IBAN, { iban: 'X', account_number: '1' }, ['/account_number']],
    [US, { iban: 'X' }, ['/iban', '/routing_number', '/account_number']],
    [US, { routing_number: '1', account_number: '1' }, []],
  ] as const;
  for (const [account, entered, pointers] of CASES) {
    const refused = refusalOf(() => requireEntry('bank_account', account, entered));
    t.equal(refused?.code, pointers.length === 0 ? undefined : 'bank_account.number-required');
    t.same(refused?.errors.map(({ pointer }) => pointer) ?? [], pointers);
  }
});

t.test('each person has three wrong entries', async (t) => {
  let entries = withWrongEntry(undefined, 'a');
  t.match(wrongEntry('bank_account', entries, 'a').message, /read the account again/);
  entries = withWrongEntry(withWrongEntry(withWrongEntry(entries, 'b'), 'a'), 'a');
  t.same(entries, [
    { by: 'b', count: 1 },
    { by: 'a', count: 3 },
  ]);
  t.match(wrongEntry('bank_account', entries, 'a').message, /no entry left/);
  t.same(
    [mayEnterNumber(entries, 'a'), mayEnterNumber(entries, 'b'), mayEnterNumber(undefined, 'a')],
    [false, true, true],
  );
  t.equal(refusalOf(() => requireMayEnter('bank_account', entries, 'a'))?.code, 'bank_account.entries-exhausted');
  t.equal(
    refusalOf(() => requireMayEnter('bank_account', entries, 'b')),
    undefined,
  );
});

t.test('the reference does not contain the number', async (t) => {
  const CASES = [
    [IBAN, 'Letter of 3 March', false],
    [IBAN, 'Letter about nl91 ABNA-0417.1643.00', true],
    [US, 'Letter about 1234-5678', true],
    [US, 'Routing number 021000021 is public', false],
    [{ ...US, account_number: '12345' }, 'Letter 12345', false],
  ] as const;
  for (const [account, reference, contains] of CASES)
    t.equal(
      refusalOf(() => requireNoNumberIn('bank_account', reference, account))?.code,
      contains ? 'bank_account.number-in-reference' : undefined,
      reference,
    );
});
