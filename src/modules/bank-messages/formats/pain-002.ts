/** pain.002, the bank's status report on a payment file: of the whole message, of a payment block, of single transactions. Pure. */
import { unreadable } from './bank-file-error.ts';
import { type Money, moneyAt } from './values.ts';
import { addChild, emptyNode, firstText, nodeAt, nodesOf, textAt, type XmlNode } from './xml-node.ts';
import type { XmlOutline } from './xml-reader.ts';

export interface StatusReason {
  readonly code: string | null;
  readonly text: string | null;
}

export interface StatusReport {
  readonly kind: 'pain.002';
  readonly definition: string | null;
  readonly message_id: string | null;
  readonly created_at: string | null;
}

/** What was said of the message that was sent, as a whole. */
export interface GroupStatus {
  readonly original_message_id: string | null;
  readonly original_definition: string | null;
  readonly status: string | null;
  readonly reasons: readonly StatusReason[];
}

export interface BlockStatus {
  readonly original_payment_information_id: string | null;
  readonly status: string | null;
  readonly reasons: readonly StatusReason[];
}

export interface TransactionStatus {
  readonly original_instruction_id: string | null;
  readonly original_end_to_end_id: string | null;
  readonly original_uetr: string | null;
  readonly status: string | null;
  readonly reasons: readonly StatusReason[];
  readonly servicer_reference: string | null;
  readonly money: Money | null;
}

export type StatusEvent =
  | { readonly type: 'report'; readonly report: StatusReport; readonly group: GroupStatus }
  | { readonly type: 'block'; readonly block: BlockStatus }
  | { readonly type: 'transaction'; readonly transaction: TransactionStatus };

const ROOT = 'CstmrPmtStsRpt';
const BLOCK = 'OrgnlPmtInfAndSts';

/** @param emit told of the report, then of each block before its transactions */
export function pain002Outline(emit: (event: StatusEvent) => void): XmlOutline {
  let root = emptyNode(ROOT);
  let block = emptyNode(BLOCK);
  let definition: string | null = null;
  let told = { report: false, block: false };

  const tellReport = (): void => {
    if (told.report) return;
    told = { ...told, report: true };
    const group = nodeAt(root, 'OrgnlGrpInfAndSts');
    if (group === undefined)
      throw unreadable('The pain.002 does not say which message it answers (OrgnlGrpInfAndSts is missing).');
    const [message_id, created_at] = [textAt(root, 'GrpHdr', 'MsgId'), textAt(root, 'GrpHdr', 'CreDtTm')];
    emit({ type: 'report', report: { kind: 'pain.002', definition, message_id, created_at }, group: groupOf(group) });
  };
  const tellBlock = (): void => {
    tellReport();
    if (told.block) return;
    told = { ...told, block: true };
    emit({ type: 'block', block: blockOf(block) });
  };

  return {
    roots: [ROOT],
    containers: { [ROOT]: [BLOCK] },
    opened(name, found) {
      if (name === ROOT) [root, definition] = [emptyNode(ROOT), found];
      else [block, told] = [emptyNode(BLOCK), { ...told, block: false }];
    },
    captured(name, node) {
      if (node.name === 'TxInfAndSts') {
        // An early version has transactions without a block.
        if (name === BLOCK) tellBlock();
        else tellReport();
        emit({ type: 'transaction', transaction: transactionOf(node) });
      } else addChild(name === BLOCK ? block : root, node);
    },
    closed(name) {
      if (name === BLOCK) tellBlock();
      else tellReport();
    },
  };
}

const groupOf = (node: XmlNode): GroupStatus => ({
  original_message_id: textAt(node, 'OrgnlMsgId'),
  original_definition: textAt(node, 'OrgnlMsgNmId'),
  status: textAt(node, 'GrpSts'),
  reasons: reasonsOf(node),
});

const blockOf = (node: XmlNode): BlockStatus => ({
  original_payment_information_id: textAt(node, 'OrgnlPmtInfId'),
  status: textAt(node, 'PmtInfSts'),
  reasons: reasonsOf(node),
});

const transactionOf = (node: XmlNode): TransactionStatus => ({
  original_instruction_id: textAt(node, 'OrgnlInstrId'),
  original_end_to_end_id: textAt(node, 'OrgnlEndToEndId'),
  original_uetr: textAt(node, 'OrgnlUETR'),
  status: textAt(node, 'TxSts'),
  reasons: reasonsOf(node),
  servicer_reference: textAt(node, 'AcctSvcrRef'),
  money: moneyAt(node, 'OrgnlTxRef', 'Amt', 'InstdAmt'),
});

function reasonsOf(node: XmlNode): readonly StatusReason[] {
  return nodesOf(node, 'StsRsnInf').map((info) => {
    const text = nodesOf(info, 'AddtlInf')
      .map((part) => part.text)
      .join(' ');
    return { code: firstText(info, ['Rsn', 'Cd'], ['Rsn', 'Prtry']), text: text === '' ? null : text };
  });
}
