/** The lines of a CII invoice. */
import { readTradeAllowanceCharge, readTradeObject, readTradePeriod, readTradeTax } from './cii-parts.ts';
import { all, type Fields, one, text } from './fields.ts';
import type { Item, Line, Price } from './model.ts';
import { LINE_LEVEL } from './ubl-parts.ts';
import type { XmlElement } from './xml-tree.ts';

export function readTradeLine(fields: Fields, line: XmlElement): Line {
  const agreement = one(line, 'SpecifiedLineTradeAgreement');
  const settlement = one(line, 'SpecifiedLineTradeSettlement');
  const quantity = one(line, 'SpecifiedLineTradeDelivery', 'BilledQuantity');
  const summation = one(settlement, 'SpecifiedTradeSettlementLineMonetarySummation');
  return {
    path: line.path,
    id: text(line, 'AssociatedDocumentLineDocument', 'LineID'),
    note: text(line, 'AssociatedDocumentLineDocument', 'IncludedNote', 'Content'),
    object_id: readTradeObject(fields, all(settlement, 'AdditionalReferencedDocument')),
    quantity: fields.decimal(quantity),
    unit: fields.codeAt('BR-CL-23', quantity, 'unitCode'),
    net_amount: fields.amount('BR-DEC-23', summation, 'LineTotalAmount'),
    order_line: text(agreement, 'BuyerOrderReferencedDocument', 'LineID'),
    accounting_reference: text(settlement, 'ReceivableSpecifiedTradeAccountingAccount', 'ID'),
    period: readTradePeriod(fields, one(settlement, 'BillingSpecifiedPeriod')),
    allowance_charges: all(settlement, 'SpecifiedTradeAllowanceCharge').map((one) =>
      readTradeAllowanceCharge(fields, one, LINE_LEVEL),
    ),
    price: readTradePrice(fields, agreement),
    vat: readTradeTax(fields, 'BR-CL-18', one(settlement, 'ApplicableTradeTax')),
    item: readProduct(fields, one(line, 'SpecifiedTradeProduct')),
  };
}

function readTradePrice(fields: Fields, agreement: XmlElement | undefined): Price | undefined {
  const net = one(agreement, 'NetPriceProductTradePrice');
  const gross = one(agreement, 'GrossPriceProductTradePrice');
  if (net === undefined && gross === undefined) return undefined;
  const base = one(net, 'BasisQuantity') ?? one(gross, 'BasisQuantity');
  return {
    net: fields.amount(undefined, net, 'ChargeAmount'),
    discount: fields.amount(undefined, gross, 'AppliedTradeAllowanceCharge', 'ActualAmount'),
    gross: fields.amount(undefined, gross, 'ChargeAmount'),
    base_quantity: fields.decimal(base),
    base_unit: fields.codeAt('BR-CL-23', base, 'unitCode'),
  };
}

function readProduct(fields: Fields, product: XmlElement | undefined): Item | undefined {
  if (product === undefined) return undefined;
  return {
    path: product.path,
    name: text(product, 'Name'),
    description: text(product, 'Description'),
    seller_id: text(product, 'SellerAssignedID'),
    buyer_id: text(product, 'BuyerAssignedID'),
    standard_id: fields.identifierAt('BR-CL-21', one(product, 'GlobalID')),
    classifications: all(product, 'DesignatedProductClassification', 'ClassCode').map((code) =>
      fields.identifier('BR-CL-13', code, 'listID'),
    ),
    origin_country: fields.code('BR-CL-15', product, 'OriginTradeCountry', 'ID'),
    attributes: all(product, 'ApplicableProductCharacteristic').map((property) => ({
      path: property.path,
      name: text(property, 'Description'),
      value: text(property, 'Value'),
    })),
  };
}
