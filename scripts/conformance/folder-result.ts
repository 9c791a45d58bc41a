/** What a folder of the corpus and the product say of each other. */
export interface FolderResult {
  readonly folder: string;
  readonly files: number;
  /** Agreed and disagreed statements per family of rules, such as BR-CO. */
  readonly families: ReadonlyMap<string, { readonly agreed: number; readonly disagreed: number }>;
  readonly disagreements: readonly string[];
  /** Statements on rules that the product does not have, by id. */
  readonly unknown: ReadonlyMap<string, number>;
}
