/** What admins decide before the journey: the account that pays, and how long a new bank account waits. */
import type { Client, Loose } from './client.ts';
import type { Credentials } from './people.ts';
import type { Report } from './report.ts';

export interface Office {
  readonly client: Client;
  readonly report: Report;
  readonly admin: Credentials;
  readonly secondAdmin: Credentials | undefined;
}

export async function openDebtorAccount({ client, report, admin, secondAdmin }: Office): Promise<Loose> {
  const account = await report.step('admin', 'names the account that pays', async () => {
    const made = await client.post(admin, '/settings/debtor-accounts', {
      name: 'Example Company',
      iban: 'DE89370400440532013000',
      bic: 'COBADEFFXXX',
      currency: 'EUR',
      country: 'DE',
    });
    return [`${made.id} ${made.status}`, made];
  });
  if (secondAdmin === undefined || account.status !== 'proposed') return account;
  return report.step('admin 2', 'enters its number from the letter of the bank and approves the account', async () => {
    const path = `/settings/debtor-accounts/${account.id}/approve`;
    const active = await client.post(
      secondAdmin,
      path,
      {
        iban: 'DE89370400440532013000',
        verification_method: 'bank_confirmation',
        verification_reference: 'Letter of the bank',
      },
      account.version,
    );
    return [active.status, active];
  });
}

/** A new bank account waits for its first payment, a day as shipped: the demo cannot, so two admins waive it meanwhile. */
export async function withoutWaiting<T>(office: Office, run: () => Promise<T>): Promise<T> {
  const { bank_account_cooling_hours: hours } = await office.client.get(office.admin, '/settings/company');
  if (office.secondAdmin === undefined || hours === 0) return run();
  await setWaiting(office, office.secondAdmin, 0, 'let new bank accounts be paid at once');
  try {
    return await run();
  } finally {
    await setWaiting(office, office.secondAdmin, hours, 'let them wait again');
  }
}

async function setWaiting(
  { client, report, admin }: Office,
  second: Credentials,
  hours: number,
  what: string,
): Promise<void> {
  await report.step('admin, admin 2', what, async () => {
    const { version } = await client.get(admin, '/settings/company');
    const proposed = await client.patch(admin, '/settings/company', { bank_account_cooling_hours: hours }, version);
    const company = await client.post(second, '/settings/company/approve', {}, proposed.version);
    return [`${company.bank_account_cooling_hours} hours`, company];
  });
}
