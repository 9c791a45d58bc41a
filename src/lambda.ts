/** The function: opened once a cold start, so that a wrong environment fails it before any call. */
import { readFileSync } from 'node:fs';
import { readConfig } from './config.ts';
import { openLambda } from './lambda-handler.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export const { handler } = await openLambda(readConfig(process.env), version);
