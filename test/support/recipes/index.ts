/** How every command of the API is brought about. */
import type { TestApi } from '../api.ts';
import { invoiceRecipes } from './invoices.ts';
import { orderRecipes } from './orders.ts';
import { paymentRecipes } from './payments.ts';
import { peopleRecipes } from './people.ts';
import type { Recipes } from './recipe.ts';
import { settingsRecipes } from './settings.ts';
import { vendorRecipes } from './vendors.ts';

const ALL = [peopleRecipes, settingsRecipes, vendorRecipes, orderRecipes, invoiceRecipes, paymentRecipes];

export async function recipesOf(api: TestApi): Promise<Recipes> {
  const made: Recipes[] = [];
  for (const recipes of ALL) made.push(await recipes(api));
  return Object.assign({}, ...made);
}
