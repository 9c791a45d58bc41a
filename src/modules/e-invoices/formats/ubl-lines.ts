/** The lines of a UBL 2.1 Invoice or CreditNote. */
import { all, type Fields, one, text } from './fields.ts';
import type { Item, Line, Price } from './model.ts';
import { LINE_LEVEL, readAllowanceCharge, readObject, readPeriod, readVatCategory } from './ubl-parts.ts';
import type { XmlElement } from './xml-tree.ts';

export function readLine(fields: Fields, line: XmlElement): Line {
  const quantity = one(line, 'InvoicedQuantity') ?? one(line, 'CreditedQuantity');
  const item = one(line, 'Item');
  return {
    path: line.path,
    id: text(line, 'ID'),
    note: text(line, 'Note'),
    object_id: readObject(fields, all(line, 'DocumentReference')),
    quantity: fields.decimal(quantity),
    unit: fields.codeAt('BR-CL-23', quantity, 'unitCode'),
    net_amount: fields.amount('BR-DEC-23', line, 'LineExtensionAmount'),
    order_line: text(line, 'OrderLineReference', 'LineID'),
    accounting_reference: text(line, 'AccountingCost'),
    period: readPeriod(fields, one(line, 'InvoicePeriod')),
    allowance_charges: all(line, 'AllowanceCharge').map((one) => readAllowanceCharge(fields, one, LINE_LEVEL)),
    price: readPrice(fields, one(line, 'Price')),
    vat: readVatCategory(fields, 'BR-CL-18', one(item, 'ClassifiedTaxCategory')),
    item: readItem(fields, item),
  };
}

function readPrice(fields: Fields, price: XmlElement | undefined): Price | undefined {
  if (price === undefined) return undefined;
  const base = one(price, 'BaseQuantity');
  return {
    net: fields.amount(undefined, price, 'PriceAmount'),
    discount: fields.amount(undefined, price, 'AllowanceCharge', 'Amount'),
    gross: fields.amount(undefined, price, 'AllowanceCharge', 'BaseAmount'),
    base_quantity: fields.decimal(base),
    base_unit: fields.codeAt('BR-CL-23', base, 'unitCode'),
  };
}

function readItem(fields: Fields, item: XmlElement | undefined): Item | undefined {
  if (item === undefined) return undefined;
  return {
    path: item.path,
    name: text(item, 'Name'),
    description: text(item, 'Description'),
    seller_id: text(item, 'SellersItemIdentification', 'ID'),
    buyer_id: text(item, 'BuyersItemIdentification', 'ID'),
    standard_id: fields.identifierAt('BR-CL-21', one(item, 'StandardItemIdentification', 'ID')),
    classifications: all(item, 'CommodityClassification', 'ItemClassificationCode').map((code) =>
      fields.identifier('BR-CL-13', code, 'listID'),
    ),
    origin_country: fields.code('BR-CL-15', item, 'OriginCountry', 'IdentificationCode'),
    attributes: all(item, 'AdditionalItemProperty').map((property) => ({
      path: property.path,
      name: text(property, 'Name'),
      value: text(property, 'Value'),
    })),
  };
}
