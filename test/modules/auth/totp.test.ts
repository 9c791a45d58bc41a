import t from 'tap';
import { newRecoveryCodes, newTotpSecret, stepEnds, totpStep, totpUri } from '../../../src/modules/auth/totp.ts';

/** RFC 6238, appendix B: the secret "12345678901234567890", the last 6 of 8 digits. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const at = (seconds: number): Date => new Date(seconds * 1000);

t.test('codes are those of RFC 6238', (t) => {
  for (const [seconds, code] of [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
  ] as const)
    t.equal(totpStep(SECRET, code, at(seconds)), Math.floor(seconds / 30), code);
  t.end();
});

t.test('a code counts in its own step and the ones beside it, and says which step it is of', (t) => {
  const step = Math.floor(1111111109 / 30);
  t.same(
    [-60, -30, 0, 30, 60].map((late) => totpStep(SECRET, '081804', at(step * 30 + late))),
    [undefined, step, step, step, undefined],
  );
  t.equal(totpStep(SECRET, '081804', at(stepEnds(step))), undefined);
  t.equal(totpStep(SECRET, '081804', at(stepEnds(step) - 1)), step);
  t.equal(totpStep(newTotpSecret(), '081804', at(1111111109)), undefined, 'of another secret');
  t.end();
});

t.test('secrets have 160 bits, recovery codes 80, and an app reads the address', (t) => {
  t.match(newTotpSecret(), /^[A-Z2-7]{32}$/);
  t.not(newTotpSecret(), newTotpSecret());
  const codes = newRecoveryCodes();
  t.equal(new Set(codes).size, 10);
  for (const code of codes) t.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
  const uri = new URL(totpUri(SECRET, 'a@b.example'));
  t.equal(uri.protocol, 'otpauth:');
  t.match(Object.fromEntries(uri.searchParams), {
    secret: SECRET,
    issuer: 'procure-to-pay',
    digits: '6',
    period: '30',
  });
  t.end();
});
