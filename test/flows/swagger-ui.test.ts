/** Swagger UI in a real Chromium: it loads under the content security policy, signs in, and executes a request. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import t from 'tap';
import { ADMIN, serverEnvironment, startServer } from '../support/server-process.ts';

t.setTimeout(180_000);

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = CANDIDATES.find((path) => existsSync(path));
/** Without these a browser on a closed network fails look-ups of its own, many at a time. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

t.test('Swagger UI loads without an error, signs in and executes a request', async (t) => {
  if (executablePath === undefined) return t.comment(`skipped: no Chromium at ${CANDIDATES.join(', ')}`);
  const server = await startServer(serverEnvironment(t.testdir()));
  const browser = await chromium.launch({ executablePath, args: QUIET });
  t.teardown(async () => {
    await browser.close();
    server.signal('SIGTERM');
    await server.ended;
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));

  const reply = await page.goto(`${server.url}/docs`);
  t.match(reply?.headers()['content-security-policy'], /default-src 'none'/);
  t.notMatch(reply?.headers()['content-security-policy'], /script-src[^;]*unsafe/);
  await page.waitForSelector('.opblock-tag');

  const token = await execute(page, 'signIn', JSON.stringify({ email: ADMIN.email, password: ADMIN.password }));
  t.match(token, { access_token: String, expires_in: 300 });
  await page.mouse.wheel(0, -SCREENS);
  await page.click('.auth-wrapper .authorize');
  await page.locator('.modal-ux input').first().fill(token.access_token);
  await page.locator('.modal-ux button.authorize').first().click();
  await page.click('.modal-ux .btn-done');
  const me = await execute(page, 'getMe');
  t.match(me, { email: ADMIN.email, roles: ['admin'] });
  t.same(await execute(page, 'listVendors'), { data: [], next_cursor: null }, 'far down the page');
  const linked = await browser.newPage();
  await linked.goto(`${server.url}/docs#/exports/listExports`);
  await linked.locator('[id$="-listExports"].is-open').waitFor();
  t.same(errors, []);
});

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof chromium.launch>>['newPage']>>;

/** More than the page is long. */
const SCREENS = 100_000;

/** Scrolls as a person does: of more than 100 operations Swagger UI keeps in the page only those near the window. */
async function scrolledTo(page: Page, operationId: string) {
  const block = page.locator(`[id$="-${operationId}"]`);
  // Beside the operations, some of which scroll within themselves.
  await page.mouse.move(5, 400);
  await page.mouse.wheel(0, -SCREENS);
  for (let screen = 0; screen < 50 && !(await block.isVisible()); screen += 1) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(50);
  }
  return block;
}

/** Opens an operation, fills its body, executes it as a person would, and reads the reply shown. */
async function execute(page: Page, operationId: string, body?: string) {
  const block = await scrolledTo(page, operationId);
  await block.locator('.opblock-summary-control').click();
  const tryIt = block.locator('button.try-out__btn:not(.cancel)');
  if (await tryIt.isVisible()) await tryIt.click();
  if (body !== undefined) await block.locator('textarea.body-param__text').fill(body);
  await block.locator('button.execute').click();
  const shown = block.locator('.live-responses-table .highlight-code code').first();
  await shown.waitFor();
  return JSON.parse((await shown.textContent()) ?? '');
}
