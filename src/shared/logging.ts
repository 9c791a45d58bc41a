/** The JSON log: no authorization, no password, no key, no bank detail ever reaches a line. */
import type { LoggerOptions } from 'pino';

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
