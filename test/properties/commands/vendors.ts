/** Vendors and their bank accounts. */
import { verified } from '../../support/verified.ts';
import { act, type Command, oneOf, personOf, readOne, sendAs, targetOf } from './command.ts';

const IBANS = ['NL91ABNA0417164300', 'DE89370400440532013000', 'FR1420041010050500013M02606'];
const reason = 'as the history goes';

export const createVendor: Command = async (world, choice) => {
  const body = {
    name: `Northwind Paper ${world.unique()} BV`,
    email: 'billing@northwind.example',
    payment_terms: 'NET 30',
    currency: 'EUR',
    address: { line1: 'Keizersgracht 1', city: 'Amsterdam', postal_code: '1015 CJ', country: 'NL' },
  };
  await sendAs(world, personOf(world, choice), choice, 'POST', '/vendors', body);
};

export const changeVendor: Command = async (world, choice) => {
  const vendor = await readOne(world, 'vendor', targetOf(world, 'vendor', choice));
  if (vendor === undefined) return;
  const body = { name: `Northwind Paper ${world.unique()} BV` };
  await sendAs(world, personOf(world, choice), choice, 'PATCH', `/vendors/${vendor.id}`, body, {
    version: vendor.version,
  });
};

const AFTER: Readonly<Record<string, readonly string[]>> = {
  pending: ['approve'],
  active: ['hold', 'block', 'archive', 'approve'],
  payment_hold: ['release', 'release', 'block'],
  blocked: ['unblock'],
  archived: ['unarchive'],
};

export const decideVendor: Command = async (world, choice) => {
  const vendor = await readOne(world, 'vendor', targetOf(world, 'vendor', choice));
  if (vendor === undefined) return;
  await act(world, choice, 'vendor', vendor, oneOf(AFTER[vendor.status] ?? ['approve'], choice.how), { reason });
};

export const proposeAccount: Command = async (world, choice) => {
  const vendor = targetOf(world, 'vendor', choice);
  if (vendor === undefined) return;
  const body = { holder_name: 'Northwind Paper BV', iban: oneOf(IBANS, choice.much) };
  await sendAs(world, personOf(world, choice), choice, 'POST', `/vendors/${vendor}/bank-accounts`, body);
};

export const decideAccount: Command = async (world, choice) => {
  const vendor = await readOne(world, 'vendor', targetOf(world, 'vendor', choice));
  const accounts = vendor?.bank_accounts ?? [];
  if (accounts.length === 0) return;
  const { id, status } = accounts[accounts.length - 1 - (choice.much % accounts.length)];
  const path = `/vendors/${vendor.id}/bank-accounts/${id}`;
  const account = await world.read(path);
  const action = status === 'proposed' ? oneOf(['approve', 'approve', 'approve', 'reject'], choice.how) : 'revoke';
  const iban = IBANS.find((each) => each.endsWith(String(account?.iban).slice(-4))) ?? '';
  const approves = action === 'approve';
  await sendAs(
    world,
    personOf(world, choice),
    // A wrong entry is on record, so that an approval is not tried dry.
    approves ? { ...choice, dryRun: false } : choice,
    'POST',
    `${path}/${action}`,
    approves ? verified(oneOf([iban, iban, iban, IBANS[0] ?? ''], choice.much)) : { reason },
    {
      version: account?.version,
    },
  );
};
