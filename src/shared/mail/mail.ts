/** How the server writes to a person: a port with an adapter for SES, one for a folder, and one for nowhere. */

export interface Letter {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

export interface Mail {
  /** Resolves once the letter was accepted. @throws Error where it was not */
  send(letter: Letter): Promise<void>;
}

/** Where links are shown in replies and nothing is configured: letters go nowhere. */
export const noMail: Mail = { send: async () => undefined };
