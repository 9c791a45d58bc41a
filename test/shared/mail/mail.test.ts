import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { folderOutbox } from '../../../src/shared/mail/folder-outbox.ts';
import { noMail } from '../../../src/shared/mail/mail.ts';
import { sesMail } from '../../../src/shared/mail/ses-mail.ts';
import type { Loose } from '../../support/api.ts';

const LETTER = { to: 'buyer@example.com', subject: 'A letter', text: 'Two\nlines' };

t.test('the outbox keeps each letter as a file for its owner alone', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'p2p-mail-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'outbox');
  const mail = folderOutbox(folder);
  await mail.send(LETTER);
  await mail.send({ ...LETTER, subject: 'Another' });
  const files = readdirSync(folder);
  t.equal(files.length, 2);
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8')).sort();
  t.equal(texts[0], 'To: buyer@example.com\nSubject: A letter\n\nTwo\nlines\n');
  for (const file of files) t.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
});

t.test('SES is sent the letter as text, and its refusal is an error', async (t) => {
  const requests: Loose[] = [];
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      reply.statusCode = requests.length > 1 ? 400 : 200;
      reply.setHeader('content-type', 'application/json');
      reply.end(JSON.stringify(requests.length > 1 ? { message: 'not verified' } : { MessageId: '1' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  const credentials = { accessKeyId: 'tests', secretAccessKey: 'tests' };
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const mail = sesMail('p2p@example.com', { region: 'eu-west-1', endpoint, credentials });
  t.teardown(() => mail.client.destroy());
  await mail.send(LETTER);
  t.match(requests, [
    {
      path: '/v2/email/outbound-emails',
      body: {
        FromEmailAddress: 'p2p@example.com',
        Destination: { ToAddresses: ['buyer@example.com'] },
        Content: { Simple: { Subject: { Data: 'A letter' }, Body: { Text: { Data: 'Two\nlines' } } } },
      },
    },
  ]);
  await t.rejects(mail.send(LETTER));
});

t.test('without mail a letter goes nowhere', async (t) => {
  t.equal(await noMail.send(LETTER), undefined);
});
