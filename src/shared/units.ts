/**
 * Units of quantity: UN/ECE Recommendation 20 codes with the words and older codes that suppliers write for them. A unit that is not in the
 * table stays usable as the text that it is. Only for comparison: what a document states is kept as stated.
 */

/** EA (each), C62 (one), H87 (piece) and their like count single things, so they are one unit here. ST is the German "Stück". */
const SYNONYMS: Readonly<Record<string, string>> = {
  H87: 'EA EACH C62 ONE PCE PCS PC PIECE PIECES ST STK STCK STÜCK STUECK STUK STUKS NMB NUMBER NAR UN UNIT UNITS UNT U PZ PZA PZAS NR NO XPP',
  KGM: 'KG KGS KILO KILOS KILOGRAM KILOGRAMS KILOGRAMME',
  GRM: 'G GR GRAM GRAMS GRAMM',
  MGM: 'MG MILLIGRAM',
  TNE: 'T TON TONNE TONNES TO',
  LBR: 'LB LBS POUND POUNDS',
  ONZ: 'OZ OUNCE OUNCES',
  LTR: 'L LT LITER LITERS LITRE LITRES',
  MLT: 'ML MILLILITER MILLILITRE',
  CLT: 'CL CENTILITER CENTILITRE',
  DLT: 'DL DECILITER DECILITRE',
  HLT: 'HL HECTOLITER HECTOLITRE',
  GLL: 'GAL GALLON GALLONS',
  MTR: 'M MT METER METERS METRE METRES LFM',
  MMT: 'MM MILLIMETER MILLIMETRE',
  CMT: 'CM CENTIMETER CENTIMETRE',
  DMT: 'DM DECIMETER DECIMETRE',
  KMT: 'KM KTM KILOMETER KILOMETRE KILOMETERS KILOMETRES',
  INH: 'IN INCH INCHES',
  FOT: 'FT FOOT FEET',
  YRD: 'YD YARD YARDS',
  MTK: 'M2 QM SQM',
  CMK: 'CM2',
  FTK: 'FT2 SQFT',
  MTQ: 'M3 CBM',
  DMQ: 'DM3',
  CMQ: 'CM3 CCM',
  SEC: 'S SECOND SECONDS',
  MIN: 'MINUTE MINUTES',
  HUR: 'H HR HRS HOUR HOURS STD STUNDE STUNDEN UUR',
  DAY: 'D DAYS TAG TAGE DAG DAGEN',
  WEE: 'W WK WEEK WEEKS WOCHE',
  MON: 'MO MTH MONTH MONTHS MONAT MAAND',
  QAN: 'QUARTER QUARTERS',
  ANN: 'YR YEAR YEARS JAHR JAAR',
  KWH: 'KILOWATT-HOUR KILOWATTHOUR',
  MWH: 'MEGAWATT-HOUR MEGAWATTHOUR',
  PR: 'PAIR PAIRS PAAR',
  SET: 'SETS',
  DZN: 'DZ DOZEN DOZENS',
  GRO: 'GROSS',
  CEN: 'HUNDRED',
  MIL: 'THOUSAND TSD',
  P1: '% PERCENT PCT',
  LS: 'LUMPSUM PAUSCHAL',
  XBX: 'BX BOX BOXES',
  XCT: 'CT CTN CARTON CARTONS',
  XPK: 'PK PCK PACK PACKS PACKAGE PKG',
  XPX: 'PX PAL PLT PALLET PALLETS PALETTE',
  XRO: 'RO ROL ROLL ROLLS ROLLE',
  XBG: 'BG BAG BAGS',
  XBO: 'BO BOTTLE BOTTLES',
};

const CODES: ReadonlyMap<string, string> = new Map(
  Object.entries(SYNONYMS).flatMap(([code, words]) =>
    [code, ...words.split(' ')].map((word): [string, string] => [word, code]),
  ),
);

/** The code of a unit where it is known, else the text itself, without regard to case, spaces and a final point. */
export function unitCode(unit: string): string {
  const text = unit.normalize('NFKC').trim().replaceAll(/\s+/gu, ' ').replace(/\.$/u, '').toUpperCase();
  return CODES.get(text) ?? text;
}

export const sameUnit = (one: string, other: string): boolean => one === other || unitCode(one) === unitCode(other);
