/** Walks every audit chain and the security log, and holds them against the anchors: what was changed, reordered, left out, cut off or made anew. */
import { readAnchored } from './anchored.ts';
import { chainFindings } from './chains.ts';
import type { JobContext, Outcome } from './job.ts';
import { logFindings } from './log-chains.ts';

export async function verifyAudit(context: JobContext): Promise<Outcome> {
  const { dependencies, report, signal } = context;
  const { trail, recovery } = dependencies;
  // Before the tables: what an anchor holds was there when it was taken, and only grows.
  const anchored = await readAnchored(context);
  for (const { anchor, reason } of anchored.findings) report.line('an anchor is not whole', { anchor, reason });
  const { restored_at: restoredAt } = await recovery.get();
  const counted = { chains: 0, events: 0 };
  let [broken, lost] = [0, 0];
  for await (const found of chainFindings({ trail, report, signal }, { fixed: anchored.heads, restoredAt }, counted)) {
    const { lost: isLost, ...facts } = found;
    if (isLost) lost += 1;
    else broken += 1;
    report.line(isLost ? 'what a restore lost' : 'a chain is not whole', facts);
  }
  const log = await logFindings(context, anchored.heads, restoredAt);
  for (const found of log.findings) {
    const isLost = 'lost' in found;
    if (isLost) lost += 1;
    else broken += 1;
    report.line(isLost ? 'what a restore lost' : 'the security log is not whole', { ...found });
  }
  const findings = broken + anchored.findings.length;
  const { last } = anchored;
  if (findings > 0) report.metric({ name: 'integrity_failures', value: findings });
  const sentences = [
    `${counted.chains} chains with ${counted.events} events and ${log.entries} entries of the security log were held against ${anchored.count} anchors${last === undefined ? '' : `, the last of ${last.taken_at}`}: ${findings === 0 ? 'all are whole' : `${findings} findings`}.`,
    ...(lost === 0 ? [] : [`${lost} chains stood further on before the restore of ${restoredAt}.`]),
    ...(last === undefined ? ['Without anchors a cut tail is not found.'] : []),
  ];
  return {
    result: findings === 0 ? 'ok' : 'findings',
    sentence: sentences.join(' '),
    facts: {
      ...counted,
      log_entries: log.entries,
      anchors: anchored.count,
      anchored_at: last?.taken_at ?? null,
      findings,
      lost,
    },
  };
}
