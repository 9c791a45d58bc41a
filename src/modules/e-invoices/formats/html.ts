/** HTML from parts: everything is text and escaped, except what was made here. */

export interface Markup {
  readonly markup: string;
}

export type Cell = string | Markup | undefined;
type Part = Cell | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => String(ENTITIES[character]));

function rendered(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escaped(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: texts.reduce((page, text, at) => page + rendered(parts[at - 1]) + text),
});

const NOTHING: Markup = { markup: '' };

/** A section under its heading; nothing where it has no content. */
export const section = (title: string, content: Markup): Markup =>
  content.markup === '' ? NOTHING : html`<section><h2>${title}</h2>${content}</section>`;

/** Those of the facts that are stated. */
export function facts(list: readonly (readonly [name: string, value: Cell])[]): Markup {
  const stated = list.filter(([, value]) => value !== undefined);
  if (stated.length === 0) return NOTHING;
  return html`<dl>${stated.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

export function table(caption: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Markup {
  if (rows.length === 0) return NOTHING;
  const head = columns.map((column) => html`<th scope="col">${column}</th>`);
  const body = rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`);
  return html`<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}
