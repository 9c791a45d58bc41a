/** Whether `npm run check` checks infra/ too: formatting wherever Terraform is, plans and tests (minutes) where they are wanted and can run. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface InfraStep {
  readonly command: readonly string[];
  /** What is left out, and how to have it. */
  readonly skipped?: string;
}

const FORMAT = ['terraform', 'fmt', '-check', '-recursive', '-diff', 'infra'];

export function infraStep(environment: NodeJS.ProcessEnv): InfraStep {
  if (spawnSync('terraform', ['version'], { stdio: 'ignore' }).status !== 0)
    return { command: [], skipped: 'terraform is not installed' };
  const wanted = environment['P2P_CHECK_INFRA'] === '1';
  if (!wanted && !changed())
    return {
      command: FORMAT,
      skipped: 'plans and tests, for nothing under infra/ changed; P2P_CHECK_INFRA=1 runs them',
    };
  if (!wanted && !providerAtHand(environment))
    return {
      command: FORMAT,
      skipped:
        'plans and tests, for neither TF_PLUGIN_DIR nor TF_CLI_CONFIG_FILE names a provider; P2P_CHECK_INFRA=1 asks the registry',
    };
  return { command: ['scripts/check-infra'] };
}

/** Against the main branch of where this clone came from; where there is none, only what is not committed. */
function changed(): boolean {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' });
  const base = git('rev-parse', '--verify', '--quiet', 'origin/main').status === 0 ? 'origin/main' : 'HEAD';
  return git('diff', '--quiet', base, '--', 'infra', 'scripts/check-infra', 'scripts/infra').status === 1;
}

const providerAtHand = ({ TF_PLUGIN_DIR: folder, TF_CLI_CONFIG_FILE: file }: NodeJS.ProcessEnv): boolean =>
  [folder, file].some((path) => path !== undefined && path !== '' && existsSync(path));
