import t from 'tap';
import { type RemoteTrace, remoteTrace } from '../../src/shared/trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const ROOT = `1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`;

t.test('a trace is taken over from W3C Trace Context or from X-Amzn-Trace-Id', async (t) => {
  const cases: readonly (readonly [title: string, headers: Record<string, string>, expected?: RemoteTrace])[] = [
    ['none', {}],
    ['kept', { traceparent: `00-${TRACE}-${SPAN}-01` }, { traceId: TRACE, spanId: SPAN, sampled: true }],
    ['not kept', { traceparent: `00-${TRACE}-${SPAN}-02` }, { traceId: TRACE, spanId: SPAN, sampled: false }],
    ['a later version', { traceparent: `cc-${TRACE}-${SPAN}-01-new` }, { traceId: TRACE, spanId: SPAN, sampled: true }],
    ['more than its version has', { traceparent: `00-${TRACE}-${SPAN}-01-new` }],
    ['no version', { traceparent: `ff-${TRACE}-${SPAN}-01` }],
    ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }],
    ['a span of zeros', { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` }],
    ['upper case, which W3C refuses', { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` }],
    ['something else', { traceparent: 'x' }],
    ['of a load balancer', { 'x-amzn-trace-id': `Root=${ROOT}` }, { traceId: TRACE }],
    [
      'passed on by one',
      { 'x-amzn-trace-id': `Self=1-67891234-12456789abcdef012345678;Root=${ROOT}` },
      { traceId: TRACE },
    ],
    [
      'of API Gateway',
      { 'x-amzn-trace-id': `Root=${ROOT};Parent=${SPAN};Sampled=1;Lineage=a:0` },
      { traceId: TRACE, spanId: SPAN, sampled: true },
    ],
    [
      'dropped by its caller',
      { 'x-amzn-trace-id': `Root=${ROOT}; Parent=${SPAN}; Sampled=0` },
      { traceId: TRACE, spanId: SPAN, sampled: false },
    ],
    ['left to us', { 'x-amzn-trace-id': `Root=${ROOT};Parent=${SPAN};Sampled=?` }, { traceId: TRACE, spanId: SPAN }],
    ['upper case', { 'x-amzn-trace-id': `Root=${ROOT.toUpperCase()}` }, { traceId: TRACE }],
    ['a parent of zeros', { 'x-amzn-trace-id': `Root=${ROOT};Parent=${'0'.repeat(16)}` }, { traceId: TRACE }],
    ['a root of zeros', { 'x-amzn-trace-id': `Root=1-${'0'.repeat(8)}-${'0'.repeat(24)}` }],
    ['no root', { 'x-amzn-trace-id': 'Sampled' }],
  ];
  for (const [title, headers, expected] of cases) t.same(remoteTrace(headers), expected, title);
});

t.test('of both the caller’s own wins, and where it is unsound the other one stands', async (t) => {
  const amazon = { 'x-amzn-trace-id': `Root=${ROOT}` };
  const other = '1'.repeat(32);
  t.match(remoteTrace({ traceparent: `00-${other}-${SPAN}-00`, ...amazon }), { traceId: other, sampled: false });
  t.same(remoteTrace({ traceparent: 'x', ...amazon }), { traceId: TRACE });
  t.equal(remoteTrace({ traceparent: ['x'], 'x-amzn-trace-id': ['y'] }), undefined);
});
