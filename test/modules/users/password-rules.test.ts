import t from 'tap';
import { passwordFindings } from '../../../src/modules/users/password-rules.ts';

const JANE = { email: 'Jane.Doe@acme.example', name: 'Jane Döe' };
const reasonFor = (password: string, user = JANE): string | undefined => passwordFindings(password, user)[0]?.detail;

t.test('a password that many people use is refused however it is written', (t) => {
  for (const password of [
    'password1234',
    'PASSWORD 1234',
    'ｐａｓｓｗｏｒｄ１２３４',
    'pässwörd 20262026',
    'P@ssw0rd!!!!',
    '!!Administrator!!',
    'passwordpassword',
    'monkey-monkey-monkey',
    'summer2026summer',
    'qwertyuiop[]',
    '1qaz2wsx3edc',
    '123456789012',
  ])
    t.match(reasonFor(password), /many people use/, password);
  t.end();
});

t.test('a password made of the name, the e-mail or the product is refused, in any order and with digits', (t) => {
  for (const password of ['JaneDoe2026!', 'doe-jane-1999', 'jane.doe@acme.example', 'acme.example 2026'])
    t.match(reasonFor(password), /name or the e-mail/, password);
  for (const password of ['ERP-Lite 2026!', 'Procure-to-Pay 1', 'p2p p2p erp lite'])
    t.match(reasonFor(password), /name of this product/, password);
  t.match(reasonFor('abababababab'), /fewer than 5 different characters/);
  t.end();
});

t.test('a sentence of one’s own is taken, also with a known word in it, and so are random characters', (t) => {
  for (const password of [
    'correct horse battery staple',
    'jane plays the piano badly',
    'we pay late in procurement',
    'x7#kQ2m9pZ4w',
    '839201748291',
    'ein Satz, den niemand kennt',
    '這是一個很長的密碼句子喔',
  ])
    t.equal(reasonFor(password), undefined, password);
  t.equal(reasonFor('a long sentence', { email: 'x@y.example', name: '' }), undefined, 'a person without a name');
  t.end();
});
