/** Letters by Amazon SES. */
import { SESv2Client, type SESv2ClientConfig, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Mail } from './mail.ts';

export interface SesMail extends Mail {
  readonly client: SESv2Client;
}

/** A request that sends a letter waits for it: it gives up early. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 5_000 };

/** @param from an address or domain that SES has verified */
export function sesMail(from: string, config: SESv2ClientConfig): SesMail {
  const client = new SESv2Client({ maxAttempts: 2, requestHandler: TIMEOUTS, ...config });
  return {
    client,
    async send({ to, subject, text }) {
      await client.send(
        new SendEmailCommand({
          FromEmailAddress: from,
          Destination: { ToAddresses: [to] },
          Content: { Simple: { Subject: { Data: subject }, Body: { Text: { Data: text } } } },
        }),
      );
    },
  };
}
