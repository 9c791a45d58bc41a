/** `npm run demo` takes the whole journey against a server of its own and says so. */
import { spawn } from 'node:child_process';
import t from 'tap';

t.setTimeout(180_000);

t.test('the demo does every step and ends with the proof of the trail', async (t) => {
  // env(1): what the runner adds to a Node process would count coverage twice.
  const command = ['-i', `PATH=${process.env['PATH']}`, process.execPath, '--import', 'tsx', 'scripts/demo/demo.ts'];
  const demo = spawn('env', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [demo.stdout, demo.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const code = await new Promise((resolve) => demo.once('exit', resolve));
  t.equal(code, 0, output);
  t.match(output, /price +2\.75 +2\.5 .* exception/, 'it explains the match');
  t.match(output, /<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain\.001\.001\.09">/, 'it shows the bank file');
  t.match(output, /verifies the trail of the payment batch/, 'it verifies the trail');
  t.match(output, /All \d+ steps did what they say\./);
});
