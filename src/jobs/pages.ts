/** Every entry of a list, page after page. */
import type { Page, PageRequest } from '../shared/dynamo/query.ts';

export async function* everyPage<T>(list: (page: PageRequest) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await list({ limit: 100, cursor, binding: { principal: 'jobs', query: '' } });
    yield* page.data;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

export const secondsSince = (at: string, now: Date): number =>
  Math.max(0, Math.round((now.getTime() - Date.parse(at)) / 1000));
