import Fastify from 'fastify';
import t from 'tap';
import { openapiPlugin } from '../../src/plugins/openapi.ts';

const served = async (enabled: boolean) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(openapiPlugin, { enabled, version: '0' });
  await app.ready();
  return app;
};

t.test('the first page is the documentation, under the name of the product', async (t) => {
  const app = await served(true);
  t.match(await app.inject('/'), { statusCode: 302, headers: { location: '/docs' } });
  const { body } = await app.inject('/docs');
  t.match(body, '<title>ERP-Lite Procure-to-Pay</title>');
  t.match((await app.inject('/docs/static/theme/product.css')).body, 'download-url-wrapper');
});

t.test('where the documentation is off there is no such page', async (t) => {
  const app = await served(false);
  for (const path of ['/', '/docs', '/openapi.json']) t.equal((await app.inject(path)).statusCode, 404, path);
});
