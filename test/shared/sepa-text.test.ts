import fc from 'fast-check';
import t from 'tap';
import { bankReference, isSepaText, referenceMistakes, sepaText } from '../../src/shared/sepa-text.ts';

t.test('text becomes what a bank can carry', async (t) => {
  const cases: [string, string][] = [
    ['Schrauben Müller & Söhne GmbH', 'Schrauben Muller + Sohne GmbH'],
    ['Müller'.normalize('NFD'), 'Muller'],
    ['Straße', 'Strasse'],
    ['Łódź', 'Lodz'],
    ['Ærøskøbing', 'Aeroskobing'],
    ['Ελλάδα', 'Ellada'],
    ['北京', 'BeiJing'],
    ['100 €', '100 EUR'],
    ['a_b~c=d', 'a-b-c-d'],
    ['[1] {2} <3>', '(1) (2) (3)'],
    ['7; 8 and "9" `x`', "7, 8 and '9' 'x'"],
    ['a|b\\c', 'a/b/c'],
    ['50% #1 @home!*^$', '50. .1 .home....'],
    ["a-zA-Z0-9/-?:().,'+ ", "a-zA-Z0-9/-?:().,'+"],
    ['Café ☕ Roma', 'Cafe Roma'],
    ['two\r\nlines\tand\u00a0a\u0000 nul\u0085', 'two lines and a nul'],
    ['lone \ud800 surrogate', 'lone surrogate'],
    ['\u202eevil\u202c', 'evil'],
    ['  much   space  ', 'much space'],
    ['😀', ''],
    ['', ''],
  ];
  for (const [text, sent] of cases) t.equal(sepaText(text, 140), sent, JSON.stringify(text));
});

t.test('text is cut at its limit after transliteration, without a space at the end', async (t) => {
  t.equal(sepaText('ß'.repeat(40), 70), 's'.repeat(70));
  t.equal(sepaText(`${'a'.repeat(69)} b`, 70), 'a'.repeat(69));
  t.equal(sepaText('abcdef', 6), 'abcdef');
});

t.test('any text at all becomes valid characters within the limit, and stays as it is the second time', async (t) => {
  const property = fc.property(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.integer({ min: 1, max: 140 }),
    (text, limit) => {
      const sent = sepaText(text, limit);
      return (
        (sent === '' || isSepaText(sent)) &&
        sent.length <= limit &&
        sent === sent.trim() &&
        sepaText(sent, limit) === sent
      );
    },
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }));
});

t.test('a lone surrogate or any other code unit does no harm', async (t) => {
  const property = fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 }), (units) => {
    const sent = sepaText(String.fromCharCode(...units), 70);
    return sent === '' || isSepaText(sent);
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }));
});

t.test('an id is taken as it is or refused with every reason', async (t) => {
  for (const id of ['A', 'INV-2026/1', "x?:().,'+ y", 'a'.repeat(35)]) t.strictSame(referenceMistakes(id), [], id);
  const cases: [string, RegExp[]][] = [
    ['', [/empty/]],
    ['a'.repeat(36), [/36 characters, 35/]],
    ['pay_1', [/may only have/]],
    ['Ä', [/may only have/]],
    ['a\u0000', [/may only have/]],
    [' a', [/space/]],
    ['a ', [/space/]],
    ['/a', [/slash/]],
    ['a/', [/slash/]],
    ['a//b', [/slash/]],
    [`/_${'a'.repeat(40)} `, [/42|43/, /may only have/, /space/, /slash/]],
  ];
  for (const [id, mistakes] of cases) {
    t.match(referenceMistakes(id), mistakes, JSON.stringify(id));
    t.equal(referenceMistakes(id).length, mistakes.length, JSON.stringify(id));
  }
});

t.test('an id of ours fits into the 35 characters of a bank reference', async (t) => {
  const reference = bankReference('pay_0198f3a2-5b7c-7def-8123-456789abcdef');
  t.equal(reference, 'PAY0198F3A25B7C7DEF8123456789ABCDEF');
  t.strictSame(referenceMistakes(reference), []);
});
