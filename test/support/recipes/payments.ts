/** Payments, batches, and what the bank did. */
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { camt053, detailXml, entryXml, statementXml } from '../bank-messages.ts';
import { payables } from '../payables.ts';
import { verified } from '../verified.ts';
import { workdayCallback } from '../workday.ts';
import { done, type RecipesOf, reason, unique } from './recipe.ts';

export const paymentRecipes: RecipesOf = async (api) => {
  const [treasurer, second, third] = [
    await api.as('treasurer'),
    await api.as('treasurer', 'second'),
    await api.as('treasurer', 'third'),
  ];
  const today = calendarDay(new Date(), 'UTC');
  const execution_date = nextBankingDay(addDays(today, 3));
  const store = payables(api);
  const vendor = await store.vendor();
  const invoice_id = async (): Promise<string> => (await store.invoice(vendor.id)).id;
  const [admin, other] = [await api.as('admin'), await api.as('admin', 'second')];
  const account = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', currency: 'EUR', country: 'NL' };
  const debtor = done(await admin.post('/settings/debtor-accounts', account));
  done(
    await other.post(`/settings/debtor-accounts/${debtor.id}/approve`, verified(account.iban), {
      version: debtor.version,
    }),
  );

  const made = async () => done(await treasurer.post('/payments', { invoice_id: await invoice_id() }));
  const pay = async (by: typeof treasurer, id: string, action: string, body: object = { reason }, version?: number) =>
    done(await by.post(`/payments/${id}/${action}`, body, version === undefined ? {} : { version }));
  const approved = async () => pay(second, (await made()).id, 'approve', {}, 1);
  const batch = async () => ({
    debtor_account_id: debtor.id,
    execution_date,
    payment_ids: [(await approved()).id],
  });
  const draft = async () => done(await treasurer.post('/payment-batches', await batch()));
  const act = async (by: typeof treasurer, id: string, action: string, body: object = {}, version?: number) =>
    done(await by.post(`/payment-batches/${id}/${action}`, body, version === undefined ? {} : { version }));
  const submitted = async () => act(treasurer, (await draft()).id, 'submit');
  const released = async () => {
    const { id, version } = await submitted();
    return act(second, id, 'approve', {}, version);
  };
  const generated = async () => act(treasurer, (await released()).id, 'generate');
  /** A payment whose file was given to the bank. */
  const withBank = async (): Promise<string> => {
    const { id } = await generated();
    return (await act(treasurer, id, 'send', { channel: 'bank portal' })).payments[0].id;
  };
  /** A statement whose one line was refused: who handed it in made the payment. */
  const refusedLine = async (): Promise<string> => {
    const details = detailXml((await withBank()).replaceAll(/[_-]/g, '').toUpperCase());
    const entries = entryXml({ amount: '100.00', booked: today, servicer: `S-${unique()}`, details });
    const payload = camt053(statementXml({ id: `STMT-${unique()}`, iban: account.iban, entries }));
    const headers = { authorization: `Bearer ${treasurer.token}`, 'content-type': 'application/xml' };
    return done(await api.raw('POST', '/api/v1/bank-messages', { headers, payload })).id;
  };
  /** A payment that Workday reported as failed, where the bank's word counts. */
  const reported = async (): Promise<string> => {
    const payment_id = await withBank();
    done(await workdayCallback(api, { payment_id, status: 'failed' }));
    return payment_id;
  };
  const failed = async () => pay(second, await withBank(), 'fail', { reason_code: 'AC04' });
  return {
    createPayment: async () => ({ by: treasurer, body: { invoice_id: await invoice_id() } }),
    approvePayment: async () => ({ by: second, ids: [(await made()).id], version: 1 }),
    rejectPayment: async () => ({ by: second, ids: [(await made()).id] }),
    holdPayment: async () => ({ by: treasurer, ids: [(await made()).id] }),
    releasePayment: async () => ({ by: second, ids: [(await pay(treasurer, (await made()).id, 'hold')).id] }),
    cancelPayment: async () => ({ by: treasurer, ids: [(await approved()).id] }),
    settlePayment: async () => ({
      by: second,
      ids: [await withBank()],
      body: { booked_on: today, bank_reference: `STMT-${unique()}` },
    }),
    failPayment: async () => ({ by: second, ids: [await withBank()], body: { reason_code: 'AC04' } }),
    returnPayment: async () => ({ by: second, ids: [await withBank()], body: { reason_code: 'AC04' } }),
    confirmPaymentFailure: async () => ({ by: second, ids: [await reported()] }),
    dismissPaymentFailure: async () => ({ by: second, ids: [await reported()] }),
    voidPayment: async () => ({ by: second, ids: [(await failed()).id] }),
    correctPayment: async () => ({ by: third, ids: [(await failed()).id] }),
    confirmBankMessageLine: async () => ({ by: second, ids: [await refusedLine()], body: { line: 1 } }),
    createPaymentBatch: async () => ({ by: treasurer, body: await batch() }),
    submitPaymentBatch: async () => ({ by: treasurer, ids: [(await draft()).id] }),
    approvePaymentBatch: async () => {
      const { id, version } = await submitted();
      return { by: second, ids: [id], version };
    },
    recallPaymentBatch: async () => ({ by: treasurer, ids: [(await released()).id] }),
    rejectPaymentBatch: async () => ({ by: second, ids: [(await submitted()).id] }),
    generatePaymentBatch: async () => ({ by: treasurer, ids: [(await released()).id] }),
    sendPaymentBatch: async () => ({
      by: treasurer,
      ids: [(await generated()).id],
      body: { channel: 'bank portal' },
    }),
    cancelPaymentBatch: async () => ({ by: treasurer, ids: [(await draft()).id] }),
    'cancelPaymentBatch: whose file was downloaded': async () => {
      const { id } = await generated();
      done(await treasurer.get(`/exports/${id}/xml`));
      return { by: treasurer, ids: [id], body: { reason, not_transmitted: true } };
    },
  };
};
