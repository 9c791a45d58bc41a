import t from 'tap';
import { cookieOf, noCookie, pendingLogin } from '../../../src/modules/oidc/pending-login.ts';
import { createVault } from '../../../src/shared/crypto.ts';

const vault = createVault(Buffer.alloc(32, 7).toString('base64'));
const NOW = new Date('2026-03-15T10:00:00Z');
const PENDING = { state: 'a state', nonce: 'a nonce', verifier: 'a verifier', expires_at: NOW.getTime() + 600_000 };
const HERE = 'http://127.0.0.1:3000/api/v1/auth/oidc/callback';
const THERE = 'https://p2p.example.com/api/v1/auth/oidc/callback';

t.test('the cookie belongs to one host where there is https, and is an ordinary one on a laptop', async (t) => {
  t.match(
    cookieOf(vault, THERE, PENDING),
    /^__Host-p2p_oidc=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
  );
  t.match(cookieOf(vault, HERE, PENDING), /^p2p_oidc=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
  t.equal(noCookie(HERE), 'p2p_oidc=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
});

t.test('a sign-in is found by its cookie and its state, until it expires', async (t) => {
  const cookie = cookieOf(vault, THERE, PENDING).split(';')[0] ?? '';
  const find = (header: string | undefined, state = 'a state', now = NOW, uri = THERE) =>
    pendingLogin(vault, uri, { header, state, now });
  t.strictSame(find(cookie), PENDING);
  t.strictSame(find(`theme=dark; ${cookie}; other=1`), PENDING);
  t.equal(find(cookie, 'another'), undefined);
  t.equal(find(cookie, ''), undefined);
  t.equal(find(undefined), undefined);
  t.equal(find('theme=dark'), undefined);
  t.equal(find(cookie, 'a state', new Date(PENDING.expires_at)), undefined);
  t.equal(find(cookie, 'a state', NOW, HERE), undefined, 'one that any host could have set');
  const forged = Buffer.from(vault.seal(PENDING, 'something else')).toString('base64url');
  t.equal(find(`__Host-p2p_oidc=${forged}`), undefined, 'what we encrypted for another purpose');
  t.equal(find('__Host-p2p_oidc='), undefined);
});
