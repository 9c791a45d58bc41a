import t from 'tap';
import {
  decidesPayment,
  type Regions,
  standbyRegion,
  writesElsewhere,
  writingFrom,
} from '../../../src/modules/settings/writing-region.ts';
import type { PendingWrite } from '../../../src/shared/dynamo/unit-of-work.ts';

t.test('a Region writes when neither its environment nor the tables name another', async (t) => {
  const cases: readonly (readonly [writing: string | undefined, held: string | undefined, elsewhere?: string])[] = [
    [undefined, undefined],
    [undefined, 'here'],
    ['here', undefined],
    ['here', 'here'],
    [undefined, 'there', 'there'],
    // Writing was moved while this Region was away: its environment is the old one.
    ['here', 'there', 'there'],
    // The tables were taken over, and this Region's servers are still those of a standby.
    ['there', 'here', 'there'],
    ['there', undefined, 'there'],
    ['there', 'elsewhere', 'there'],
  ];
  for (const [writing, held, elsewhere] of cases)
    t.equal(writesElsewhere({ here: 'here', writing }, held), elsewhere, `environment ${writing}, tables ${held}`);
});

t.test('a payment decision is known by what it stores', async (t) => {
  const write = (table: PendingWrite['table'], status?: string): PendingWrite => ({
    action: 'put',
    table,
    key: { id: 'x' },
    ...(status === undefined ? {} : { item: { id: 'x', status } }),
  });
  for (const status of ['approved', 'generating', 'generated', 'sent'])
    t.ok(decidesPayment(write('payment_batches', status)), `a batch that is ${status}`);
  t.ok(decidesPayment(write('payments', 'approved')));
  for (const other of [
    write('payments', 'pending_approval'),
    write('payments'),
    write('payment_batches', 'cancelled'),
    write('invoices', 'approved'),
  ])
    t.notOk(decidesPayment(other), `${other.table} ${other.item?.['status']}`);
});

t.test('the refusal says where to go, and what to do where that Region is lost', async (t) => {
  const refusal = (regions: Regions) => standbyRegion(regions, 'eu-west-1');
  const standby = refusal({ here: 'eu-central-1', writing: 'eu-west-1' });
  t.match(standby, { kind: 'unavailable', code: 'service.standby-region', retryAfter: 60 });
  t.match(standby.message, /in eu-central-1 and only reads, for eu-west-1 writes: send the request there/);
  t.match(standby.message, /start the servers there with P2P_WRITING_REGION=eu-central-1 and run p2p move-writing/);
  for (const writing of ['eu-central-1', undefined]) {
    const { message } = refusal({ here: 'eu-central-1', writing });
    t.match(message, /is lost, run p2p move-writing-region --to eu-central-1/);
  }
  t.match(writingFrom('eu-west-1', 'system_server'), { id: 'writing_region', region: 'eu-west-1', status: 'writing' });
});
