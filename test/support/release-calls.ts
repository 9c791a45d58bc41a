/** The commands of a release as the calls that IAM is asked about. */
import type { Call } from './iam.ts';
import { arnOf, type Names } from './recorded-calls.ts';
import { type Answers, ran } from './release-commands.ts';

export const DIGEST = `sha256:${'a'.repeat(64)}`;
const ACCOUNT = '123456789012';
const REGISTRY = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;
export const repositoryUrl = (name: string): string => `${REGISTRY}/${name}`;

const PUSH = [
  'BatchCheckLayerAvailability',
  'BatchGetImage',
  'CompleteLayerUpload',
  'GetDownloadUrlForLayer',
  'InitiateLayerUpload',
  'PutImage',
  'UploadLayerPart',
];
const READ = ['BatchGetImage', 'GetDownloadUrlForLayer'];

const ecr = (repository: string, actions: readonly string[]): readonly Call[] =>
  actions.map((action) => ({
    action: `ecr:${action}`,
    resource: `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/${repository}`,
  }));
const option = (words: readonly string[], name: string): string => words[words.indexOf(name) + 1] ?? '';
const repositoryOf = (url: string): string => /\/([^:@]+)/.exec(url)?.[1] ?? '';

const ECS = `arn:aws:ecs:eu-west-1:${ACCOUNT}`;
const one = (action: string, resource: string): readonly Call[] => [{ action, resource }];

/** By the command; a command that is not here is an error. */
function callsOf(
  [program = '', service = '', command = '', ...words]: readonly string[],
  names: Names,
): readonly Call[] {
  if (program === 'curl') return [];
  if (program === 'docker') return dockerCalls([service, command, ...words]);
  const name = option(words, '--repository-name');
  switch (`${service} ${command}`) {
    case 'ecr get-login-password':
      return one('ecr:GetAuthorizationToken', '*');
    case 'ecr describe-images':
      return ecr(name, ['DescribeImages']);
    case 'ecr batch-get-image':
      return ecr(name, ['BatchGetImage']);
    case 'ecr put-image':
      return ecr(name, ['PutImage']);
    case 'ecr wait':
    case 'ecr describe-image-scan-findings':
      return ecr(name, ['DescribeImageScanFindings']);
    case 'ecs describe-services':
    case 'ecs wait':
    case 'ecs update-service': {
      const listed = words.includes('--services') ? '--services' : '--service';
      const action = command === 'update-service' ? 'ecs:UpdateService' : 'ecs:DescribeServices';
      return one(action, `${ECS}:service/${option(words, '--cluster')}/${option(words, listed)}`);
    }
    case 'ecs describe-task-definition':
      return one('ecs:DescribeTaskDefinition', '*');
    case 'ecs register-task-definition':
      return registered(JSON.parse(words.at(-1) ?? ''), names);
    case 'lambda wait':
      return lambda('GetFunction', option(words, '--function-name'));
    default:
      return rest(service, command, words);
  }
}

function rest(service: string, command: string, words: readonly string[]): readonly Call[] {
  const action = command.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (service === 'ssm')
    return one(`ssm:${action}`, `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter${option(words, '--name')}`);
  if (service !== 'lambda') throw new Error(`Which action is aws ${service} ${command}?`);
  const image = option(words, '--image-uri');
  return [
    ...lambda(action, option(words, '--function-name')),
    ...(command === 'update-function-code' ? ecr(repositoryOf(image), READ) : []),
  ];
}

const lambda = (action: string, name: string): readonly Call[] =>
  one(`lambda:${action}`, `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${name}`);

function dockerCalls(words: readonly string[]): readonly Call[] {
  if (words[0] === 'push') return ecr(repositoryOf(words.at(-1) ?? ''), PUSH);
  if (words[0] !== 'buildx') return [];
  return [...ecr(repositoryOf(words.at(-1) ?? ''), READ), ...ecr(repositoryOf(option(words, '--tag')), PUSH)];
}

interface TaskDefinition {
  readonly family: string;
  readonly taskRoleArn: string;
  readonly executionRoleArn: string;
  readonly tags?: readonly unknown[];
}
const registered = ({ family, taskRoleArn, executionRoleArn, tags }: TaskDefinition, names: Names): readonly Call[] => [
  ...one('ecs:RegisterTaskDefinition', '*'),
  ...(tags === undefined
    ? []
    : [
        {
          action: 'ecs:TagResource',
          resource: `${arnOf(names, 'module.service.aws_ecs_task_definition.this').replace(/[^/]*$/, family)}:8`,
          context: { 'ecs:CreateAction': 'RegisterTaskDefinition' },
        },
      ]),
  ...[taskRoleArn, executionRoleArn].map((resource) => ({
    action: 'iam:PassRole',
    resource,
    context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  })),
];

/** A service that runs, with the definitions of the plan; what was released before is known. */
export function answersFor(names: Names): Answers {
  const definition = (family: string, role: string) =>
    JSON.stringify({
      tags: [{ key: 'Environment', value: 'prod' }],
      taskDefinition: {
        family,
        taskDefinitionArn: `${ECS}:task-definition/${family}:7`,
        revision: 7,
        taskRoleArn: arnOf(names, role),
        executionRoleArn: arnOf(names, 'module.service.aws_iam_role.execution'),
        containerDefinitions: [
          { name: family.endsWith('-jobs') ? 'job' : 'server', image: `${repositoryUrl('p2p-prod')}:1.0.0` },
        ],
      },
    });
  return {
    'aws ecs describe-services status': 'ACTIVE',
    ['aws ecs describe-services services[0].status']: 'ACTIVE',
    ['aws ecs describe-services services[0].taskDefinition']: [
      `${ECS}:task-definition/p2p-prod:7`,
      `${ECS}:task-definition/p2p-prod:8`,
    ],
    'aws ecs describe-task-definition TAGS p2p-prod': definition('p2p-prod', 'module.service.aws_iam_role.task'),
    'aws ecs describe-task-definition TAGS p2p-prod-jobs': definition('p2p-prod-jobs', 'module.jobs.aws_iam_role.job'),
    'aws ecs describe-task-definition taskDefinition.taskDefinitionArn': `${ECS}:task-definition/p2p-prod-jobs:7`,
    'aws ecs register-task-definition': `${ECS}:task-definition/p2p-prod:8`,
    'aws ssm get-parameter /p2p-prod/image-tag': '1.0.0',
  };
}

/** A release from the first command to the last, by the steps of the workflow. */
export function releaseCalls(names: Names, environment: 'dev' | 'prod'): readonly Call[] {
  const name = `p2p-${environment}`;
  const answers: Answers =
    environment === 'prod'
      ? {
          ...answersFor(names),
          'aws ecr describe-images imageTag tested-1.1.0': DIGEST,
          'aws ecr describe-images imageTag 1.1.0': ['', DIGEST],
        }
      : {
          'aws ecr describe-images imageTag 1.1.0': DIGEST,
          'aws lambda get-function': `${repositoryUrl(name)}:1.0.0`,
          'aws lambda publish-version': '8',
        };
  const steps = [
    buildOrPromote(name, environment, answers),
    scan(name),
    release(environment, answers),
    ...tested(name, environment, answers),
  ];
  return steps.flatMap((said) => said.flatMap((words) => callsOf(words, names)));
}

function said(script: string, args: readonly string[], answers: Answers): readonly (readonly string[])[] {
  const { status, stderr, said: words } = ran(script, args, answers);
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return words;
}

const buildOrPromote = (name: string, environment: string, answers: Answers) =>
  environment === 'prod'
    ? said('scripts/promote-image', [repositoryUrl('p2p-dev'), repositoryUrl(name), '1.1.0'], answers)
    : said('scripts/push-image', [repositoryUrl(name), '1.1.0'], {
        'aws ecr describe-images': null,
        'docker image inspect': `node@${DIGEST}`,
      });
const scan = (name: string) =>
  said('scripts/check-image-scan', [name, '1.1.0'], { 'aws ecr describe-image-scan-findings': '[null, null]' });
const release = (environment: string, answers: Answers) =>
  said('scripts/deploy-service', [environment, '1.1.0'], answers);
const tested = (name: string, environment: string, answers: Answers) =>
  environment === 'prod' ? [] : [said('scripts/mark-tested', [name, '1.1.0', 'https://dev.example.com'], answers)];
