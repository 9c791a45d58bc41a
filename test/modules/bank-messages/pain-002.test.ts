/** pain.002 of every version, and the reasons in words. */
import t from 'tap';
import { explainReason, isoReason } from '../../../src/modules/bank-messages/formats/reasons.ts';
import { blockXml, pain002, read, statusXml, transactionXml } from '../../support/bank-messages.ts';

t.test('a report names the message it answers, then blocks, each before its transactions', async (t) => {
  const more = '<AcctSvcrRef>S</AcctSvcrRef><OrgnlTxRef><Amt><InstdAmt Ccy="EUR">105</InstdAmt></Amt></OrgnlTxRef>';
  const blocks =
    blockXml('BLOCK-1', statusXml('PmtInfSts', 'RJCT', 'AC01')) +
    blockXml('BLOCK-2', '', transactionXml('E1', statusXml('TxSts', 'ACSP'), more) + transactionXml('E2', ''));
  for (const version of ['03', '10', '14']) {
    const events = read(pain002({ messageId: 'BATCH', group: statusXml('GrpSts', 'PART'), blocks, version }));
    t.strictSame(
      events.map(({ type }) => type),
      ['report', 'block', 'block', 'transaction', 'transaction'],
    );
    t.match(events[0], {
      report: {
        kind: 'pain.002',
        definition: `pain.002.001.${version}`,
        message_id: 'REPORT-1',
        created_at: '2026-03-17T10:00:00Z',
      },
      group: { original_message_id: 'BATCH', original_definition: 'pain.001.001.09', status: 'PART', reasons: [] },
    });
    t.match(events[1], {
      block: { original_payment_information_id: 'BLOCK-1', status: 'RJCT', reasons: [{ code: 'AC01', text: null }] },
    });
    t.match(events[3], {
      transaction: {
        original_end_to_end_id: 'E1',
        status: 'ACSP',
        servicer_reference: 'S',
        money: { amount: '105.00', currency: 'EUR' },
      },
    });
    t.match(events[4], {
      transaction: { status: null, original_instruction_id: null, original_uetr: null, money: null },
    });
  }
});

t.test(
  'a rejection of the group alone names no transaction; an early version has transactions without a block',
  async (t) => {
    const [report, ...rest] = read(pain002({ messageId: 'B', group: statusXml('GrpSts', 'RJCT', 'DU01') }));
    t.match(report, { group: { status: 'RJCT', reasons: [{ code: 'DU01' }] } });
    t.strictSame(rest, []);
    const early = read(pain002({ messageId: 'B', blocks: transactionXml('E1', statusXml('TxSts', 'RJCT')) }));
    t.strictSame(
      early.map(({ type }) => type),
      ['report', 'transaction'],
    );
    t.throws(() => read(pain002({ messageId: 'B' }).replaceAll('OrgnlGrpInfAndSts', 'X')), {
      code: 'bank_message.unreadable',
    });
  },
);

t.test('reasons of the bank have its own codes and all of its text', async (t) => {
  const reason = '<StsRsnInf><Rsn><Prtry>X9</Prtry></Rsn><AddtlInf>one</AddtlInf><AddtlInf>two</AddtlInf></StsRsnInf>';
  const events = read(pain002({ messageId: 'B', blocks: transactionXml('E', `<TxSts>RJCT</TxSts>${reason}`) }));
  t.match(events[1], { transaction: { reasons: [{ code: 'X9', text: 'one two' }] } });
});

t.test('a code is told in words and kept as a code of ISO 20022', async (t) => {
  t.equal(explainReason('AC04'), 'the account is closed (AC04)');
  t.equal(explainReason('R02'), 'the account is closed (R02)');
  t.equal(explainReason('ZZ99'), "the bank's code ZZ99");
  for (const [code, kept] of [
    ['AC04', 'AC04'],
    ['ZZ99', 'ZZ99'],
    ['R02', 'AC04'],
    ['R99', 'NARR'],
    ['LONGCODE', 'NARR'],
    [null, 'MS03'],
  ] as const)
    t.equal(isoReason(code), kept);
});
