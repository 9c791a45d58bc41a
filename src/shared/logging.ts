/** The JSON log: no authorization, no password, no key, no bank detail ever reaches a line. */
import { type LoggerOptions, pino } from 'pino';

const SECRETS = [
  'authorization',
  'x-api-key',
  'x-signature',
  'cookie',
  'password',
  'new_password',
  'access_token',
  'refresh_token',
  'secret',
];
const BANK_DETAILS = ['iban', 'account_number', 'routing_number', 'bic'];

/** Every so many milliseconds what is collected of the log is written at the latest. */
const FLUSH_MS = 250;

/**
 * Where the log of a loaded server goes: lines are collected and written a few at a time, since a write a line takes as long as a read
 * of DynamoDB. What is collected is written when the process exits, whatever ends it but a kill.
 */
export const collectedLog = (dest: number | string = 1) =>
  pino.destination({ dest, sync: false, minLength: 4096, periodicFlush: FLUSH_MS });

export function loggerOptions(level: string): LoggerOptions {
  const names = [...SECRETS, ...BANK_DETAILS];
  return {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: names.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]), censor: '[redacted]' },
    serializers: {
      req: ({ id, method, url }: { id?: unknown; method?: unknown; url?: string }) => ({
        id,
        method,
        path: url?.split('?')[0],
      }),
    },
  };
}
