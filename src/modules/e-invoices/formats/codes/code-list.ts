/** A list of codes written as words, so that it reads as its standard prints it. */
export const codeList = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));
