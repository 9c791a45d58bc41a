/** camt.052, .053 and .054 read as a stream: the statement, each entry as it comes, the statement whole. Pure. */
import { unreadable } from './bank-file-error.ts';
import { accountAt, balanceOf, batchBooking, detailOf, entryFacts } from './camt-entry.ts';
import type { BatchBooking, CamtEvent, CamtKind, Detail, Statement } from './camt-record.ts';
import { dayAt, flagAt, wholeAt } from './values.ts';
import { addChild, emptyNode, nodeAt, nodesOf, textAt, type XmlNode } from './xml-node.ts';
import type { XmlOutline } from './xml-reader.ts';

const KINDS: Readonly<Record<string, CamtKind>> = {
  BkToCstmrAcctRpt: 'camt.052',
  BkToCstmrStmt: 'camt.053',
  BkToCstmrDbtCdtNtfctn: 'camt.054',
};
const STATEMENTS: readonly string[] = ['Rpt', 'Stmt', 'Ntfctn'];

/** A batch booking of more transactions than this comes in parts. */
export const DETAILS_A_PART = 1_000;
/** An entry of more batches is matched by its details. */
const MAX_BATCHES = 100;

/** @param emit told of everything in the order of the file */
export function camtOutline(emit: (event: CamtEvent) => void): XmlOutline {
  let root = emptyNode('');
  let kind: CamtKind = 'camt.053';
  let definition: string | null = null;
  let statement = emptyNode('');
  let entries = 0;
  let told = { message: false, statement: false };
  let statements = 0;
  const entry = createEntry(emit);

  const tellMessage = (): void => {
    if (told.message) return;
    told = { ...told, message: true };
    const [message_id, created_at] = [textAt(root, 'GrpHdr', 'MsgId'), textAt(root, 'GrpHdr', 'CreDtTm')];
    emit({ type: 'message', message: { kind, definition, message_id, created_at } });
  };
  const tellStatement = (): void => {
    tellMessage();
    if (told.statement) return;
    told = { ...told, statement: true };
    emit({ type: 'statement', statement: statementOf(statement) });
  };

  return {
    roots: Object.keys(KINDS),
    containers: {
      BkToCstmrAcctRpt: ['Rpt'],
      BkToCstmrStmt: ['Stmt'],
      BkToCstmrDbtCdtNtfctn: ['Ntfctn'],
      ...Object.fromEntries(STATEMENTS.map((name) => [name, ['Ntry']])),
      // The first version has the details in the entry itself.
      Ntry: ['NtryDtls'],
    },
    opened(name, found) {
      const known = KINDS[name];
      if (known !== undefined) [root, kind, definition] = [emptyNode(name), known, found];
      else if (STATEMENTS.includes(name)) {
        statement = emptyNode(name);
        entries = 0;
        statements += 1;
        told = { ...told, statement: false };
      } else if (name === 'Ntry') {
        tellStatement();
        entries += 1;
        entry.start(entries);
      }
    },
    captured(name, node) {
      if (name in KINDS) addChild(root, node);
      else if (STATEMENTS.includes(name)) addChild(statement, node);
      else entry.take(node);
    },
    closed(name) {
      if (name === 'Ntry') entry.finish();
      else if (STATEMENTS.includes(name)) {
        tellStatement();
        emit({ type: 'statement_end', statement: statementOf(statement), entries });
      } else if (name in KINDS && statements === 0)
        throw unreadable(`The ${kind} has no statement in it: the bank sent an empty message, or the file was cut.`);
    },
  };
}

/** One entry: its own elements stand before its details, so that a large one can be handed over in parts. */
function createEntry(emit: (event: CamtEvent) => void) {
  let own = emptyNode('Ntry');
  let number = 0;
  let part = 0;
  let batches: readonly BatchBooking[] = [];
  let details: Detail[] = [];
  const addBatch = (node: XmlNode): void => {
    if (batches.length < MAX_BATCHES)
      batches = [...batches, batchBooking(node, nodeAt(own, 'Amt')?.attributes['Ccy'] ?? '')];
  };
  const tell = (last_part: boolean): void => {
    part += 1;
    const facts = entryFacts(own);
    emit({ type: 'entry', entry: { ...facts, number, batches, details, part, last_part } });
    details = [];
  };
  return {
    start(at: number): void {
      [own, number, part, batches, details] = [emptyNode('Ntry'), at, 0, [], []];
    },
    take(node: XmlNode): void {
      if (node.name === 'TxDtls') {
        if (details.length === DETAILS_A_PART) tell(false);
        details.push(detailOf(node));
      } else if (node.name === 'Btch') addBatch(node);
      else addChild(own, node);
    },
    finish: () => tell(true),
  };
}

function statementOf(node: XmlNode): Statement {
  const pages = nodeAt(node, `${node.name}Pgntn`) ?? emptyNode('');
  const period = nodeAt(node, 'FrToDt') ?? emptyNode('');
  return {
    id: textAt(node, 'Id'),
    electronic_number: wholeAt(node, 'ElctrncSeqNb'),
    legal_number: wholeAt(node, 'LglSeqNb'),
    page: wholeAt(pages, 'PgNb'),
    last_page: flagAt(pages, 'LastPgInd'),
    created_at: textAt(node, 'CreDtTm'),
    from: dayAt(period, 'FrDtTm') ?? dayAt(period, 'FrDt'),
    to: dayAt(period, 'ToDtTm') ?? dayAt(period, 'ToDt'),
    copy: textAt(node, 'CpyDplctInd'),
    account: accountAt(node, 'Acct'),
    account_currency: textAt(node, 'Acct', 'Ccy'),
    balances: nodesOf(node, 'Bal').map(balanceOf),
  };
}
