import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { boundedFetch } from '../../../src/modules/oidc/bounded-fetch.ts';

const server = createServer((request, response) => {
  if (request.url === '/hangs') return;
  if (request.url === '/drips') return void response.write('a');
  if (request.url === '/nothing') return void response.writeHead(204).end();
  if (request.url === '/large') return void response.end('a'.repeat(2000));
  if (request.url === '/moved') return void response.writeHead(307, { location: '/large' }).end();
  response.writeHead(201, { 'x-said': 'yes' }).end('a'.repeat(1000));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const home = `http://127.0.0.1:${port}`;
t.teardown(() => {
  server.closeAllConnections();
  server.close();
});

t.test('the provider of this machine is asked on this machine alone, any other by https and by name', async (t) => {
  const cases: [string, string, boolean][] = [
    ['https://login.example.com', 'http://login.example.com/token', false],
    ['https://login.example.com', 'https://localhost/token', false],
    ['https://login.example.com', 'https://127.0.0.1/token', false],
    ['https://login.example.com', 'https://169.254.169.254/token', false],
    ['https://login.example.com', 'https://[fd00::1]/token', false],
    ['https://login.example.com', 'https://2852039166/token', false],
    ['https://login.example.com', 'https://user@login.example.com/token', false],
    ['https://login.example.com', 'file:///etc/passwd', false],
    ['https://login.example.com', 'https://keys.invalid/jwks', true],
    [home, 'https://example.com/token', false],
    [home, 'http://10.0.0.1/token', false],
    [home, 'ftp://127.0.0.1/token', false],
    [home, home, true],
  ];
  for (const [issuer, url, called] of cases) {
    const said = await boundedFetch(issuer)(url, {}).then(String, String);
    t.equal(said.includes('an address that is not called'), !called, `${issuer} -> ${url}: ${said}`);
  }
});

t.test('a reply is taken up to its size, in its time, and where a reply leads is not followed', async (t) => {
  const fetch = boundedFetch(home, { timeoutMs: 30_000, maxBytes: 1000 });
  const hasty = boundedFetch(home, { timeoutMs: 50, maxBytes: 1000 });
  const good = await fetch(`${home}/good`, {});
  t.match({ status: good.status, said: good.headers.get('x-said') }, { status: 201, said: 'yes' });
  t.equal((await good.text()).length, 1000);
  t.equal((await fetch(`${home}/nothing`, {})).status, 204);
  t.equal((await fetch(`${home}/moved`, {})).status, 307);
  await t.rejects(fetch(`${home}/large`, {}), /longer than 1000 bytes/);
  await t.rejects(hasty(`${home}/hangs`, {}), { name: 'TimeoutError' });
  await t.rejects(hasty(`${home}/drips`, {}), { name: 'TimeoutError' });
  await t.rejects(
    fetch(`${home}/hangs`, { signal: AbortSignal.abort(new Error('the caller left')) }),
    /the caller left/,
  );
});
