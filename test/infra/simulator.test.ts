/** The simulator answers as IAM would: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
import t from 'tap';
import { type Call, type Policy, type Statement, simulate } from '../support/iam.ts';

const policy = (...statements: readonly Partial<Statement>[]): Policy => ({
  Version: '2012-10-17',
  Statement: statements.map((one) => ({
    Sid: 'It',
    Effect: 'Allow',
    ...('NotAction' in one ? {} : { Action: 's3:GetObject' }),
    ...('NotResource' in one ? {} : { Resource: '*' }),
    ...one,
  })),
});
const call = (more: Partial<Call> = {}): Call => ({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/b', ...more });
const allowed = (statement: Partial<Statement>, more: Partial<Call> = {}): boolean =>
  simulate({ policies: [policy(statement)] }, call(more)).allowed;

const CASES: readonly (readonly [
  sentence: string,
  statement: Partial<Statement>,
  more: Partial<Call>,
  allowed: boolean,
])[] = [
  ['an action without regard to case', { Action: 'S3:getobject' }, {}, true],
  ['another action', { Action: 's3:PutObject' }, {}, false],
  ['a pattern of actions', { Action: ['s3:Get*'] }, {}, true],
  ['a question mark is one character', { Action: 's3:GetObjec?' }, {}, true],
  ['a dot is a dot', { Action: 's3.GetObject' }, {}, false],
  ['everything but', { NotAction: ['iam:*'] }, {}, true],
  ['everything but this', { NotAction: ['s3:*'] }, {}, false],
  ['a pattern of resources', { Resource: 'arn:aws:s3:::a/*' }, {}, true],
  ['the bucket is not its objects', { Resource: 'arn:aws:s3:::a' }, {}, false],
  ['resources are compared with regard to case', { Resource: 'arn:aws:s3:::A/*' }, {}, false],
  ['every resource but', { NotResource: ['arn:aws:s3:::a/*'] }, {}, false],
  [
    'a condition that is met',
    { Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
    { context: { 'ecs:createaction': 'RunTask' } },
    true,
  ],
  [
    'a condition on another value',
    { Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
    { context: { 'ecs:CreateAction': 'StartTask' } },
    false,
  ],
  [
    'a condition on a key that the request lacks',
    { Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
    {},
    false,
  ],
  [
    'one of several values',
    { Condition: { StringEquals: { 'aws:RequestTag/A': ['x', 'y'] } } },
    { context: { 'aws:RequestTag/A': 'y' } },
    true,
  ],
  ['all conditions, not one', { Condition: { StringEquals: { a: '1', b: '2' } } }, { context: { a: '1' } }, false],
  ['a pattern', { Condition: { StringLike: { a: 'p2p-*' } } }, { context: { a: 'p2p-prod' } }, true],
  [
    'no pattern where it is compared exactly',
    { Condition: { StringEquals: { a: 'p2p-*' } } },
    { context: { a: 'p2p-prod' } },
    false,
  ],
  [
    'a pattern of addresses',
    { Condition: { ArnLike: { a: 'arn:*:policy/x-*' } } },
    { context: { a: 'arn:aws:policy/x-1' } },
    true,
  ],
  ['an address', { Condition: { ArnEquals: { a: 'arn:1' } } }, { context: { a: 'arn:2' } }, false],
  ['a truth value', { Condition: { Bool: { a: 'true' } } }, { context: { a: 'True' } }, true],
  ['a number below', { Condition: { NumericLessThan: { a: '1.2' } } }, { context: { a: '1.1' } }, true],
  ['a negated condition on a key that the request lacks', { Condition: { StringNotEquals: { a: '1' } } }, {}, true],
  ['a negated condition', { Condition: { StringNotEquals: { a: '1' } } }, { context: { a: '1' } }, false],
  ['a condition if the key is there', { Condition: { BoolIfExists: { a: 'true' } } }, {}, true],
  ['a key that must be absent', { Condition: { Null: { a: 'true' } } }, { context: { a: '1' } }, false],
  [
    'a variable of the request',
    { Resource: `arn:aws:s3:::a/\${aws:username}` },
    { context: { 'aws:username': 'b' } },
    true,
  ],
  ['a variable that the request lacks', { Resource: `arn:aws:s3:::a/\${aws:username}` }, {}, false],
];
for (const [sentence, statement, more, wanted] of CASES)
  t.test(`${sentence}: ${wanted ? 'allowed' : 'denied'}`, async (t) => t.equal(allowed(statement, more), wanted));

t.test('a Deny wins over every Allow, of the role or of its boundary', async (t) => {
  const deny = policy({ Sid: 'No', Effect: 'Deny' });
  t.strictSame(simulate({ policies: [policy({}), deny] }, call()), { allowed: false, why: 'denied by No' });
  t.strictSame(
    simulate(
      { policies: [policy({})], boundary: { ...deny, Statement: [...deny.Statement, ...policy({}).Statement] } },
      call(),
    ),
    {
      allowed: false,
      why: 'denied by No',
    },
  );
});

t.test('a boundary allows nothing by itself, and what it does not allow is denied', async (t) => {
  t.notOk(simulate({ policies: [], boundary: policy({}) }, call()).allowed);
  t.strictSame(simulate({ policies: [policy({})], boundary: policy({ Action: 's3:PutObject' }) }, call()), {
    allowed: false,
    why: 'outside the boundary',
  });
  t.ok(simulate({ policies: [policy({})], boundary: policy({ Action: 's3:*' }) }, call()).allowed);
});

t.test('what the simulator does not know is an error, never an answer', async (t) => {
  t.throws(() => allowed({ Condition: { DateLessThan: { a: '1' } } }, { context: { a: '1' } }), /Unknown operator/);
  t.throws(() => allowed({ Actions: 's3:*' } as Partial<Statement>), /Unknown element/);
});
