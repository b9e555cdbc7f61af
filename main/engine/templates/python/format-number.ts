import { failed, unsupported } from '../template-error.ts';
import { spendCharacters } from '../work.ts';
import { lengthOf } from './characters.ts';
import { exponentText, fixedText, floatText } from './numbers.ts';

/** How a number or a text is laid out; what % and str.format have in common. */
export interface Layout {
  /** '<' left, '>' right, '^' middle, '=' behind the sign. */
  readonly align: '<' | '>' | '^' | '=';
  readonly fill: string;
  readonly width: number;
  readonly sign: '-' | '+' | ' ';
  readonly alternate: boolean;
  readonly grouping: '' | ',' | '_';
  readonly precision: number | null;
}

/** Pads what stands behind a sign or prefix. */
export const layOut = (body: string, lead: string, { align, fill, width }: Layout): string => {
  const missing = Math.max(0, width - lengthOf(lead) - lengthOf(body));
  spendCharacters(lead.length + body.length + missing);
  switch (align) {
    case '<':
      return lead + body + fill.repeat(missing);
    case '>':
      return fill.repeat(missing) + lead + body;
    case '=':
      return lead + fill.repeat(missing) + body;
    case '^': {
      const before = Math.floor(missing / 2);
      return fill.repeat(before) + lead + body + fill.repeat(missing - before);
    }
  }
};

const bases: Record<string, [base: number, prefix: string]> = {
  d: [10, ''],
  b: [2, '0b'],
  o: [8, '0o'],
  x: [16, '0x'],
  X: [16, '0X'],
};

export const formatInteger = (value: bigint, type: string, layout: Layout): string => {
  const [base, prefix] = bases[type]!;
  const digits = (value < 0n ? -value : value).toString(base);
  const cased = type === 'X' ? digits.toUpperCase() : digits;
  const lead = signOf(value < 0n, layout) + (layout.alternate ? prefix : '');
  return layOut(grouped(cased, layout, base === 10 ? 3 : 4), lead, layout);
};

export const formatFloat = (value: number, type: string, layout: Layout): string => {
  if (layout.alternate) throw unsupported('the flag # before a number with a fraction');
  const lead = signOf(value < 0 || Object.is(value, -0), layout);
  const size = Math.abs(value);
  const digits = layout.precision ?? 6;
  const body = Number.isFinite(size) ? finite(size, type, digits) : floatText(size);
  const cased = type === 'E' || type === 'F' ? body.toUpperCase() : body;
  const [whole = '', fraction] = cased.split('.');
  const text = Number.isFinite(size)
    ? grouped(whole, layout, 3) + (fraction === undefined ? '' : `.${fraction}`)
    : cased;
  return layOut(type === '%' ? `${text}%` : text, lead, layout);
};

const finite = (size: number, type: string, digits: number): string => {
  if (digits > 80) throw unsupported('more than 80 digits behind the point');
  switch (type.toLowerCase()) {
    case 'f':
      return fixedText(size, digits);
    case 'e':
      return exponentText(size, digits);
    case '%':
      return fixedText(size * 100, digits);
    default:
      throw unsupported(`the number format "${type}"`);
  }
};

const signOf = (negative: boolean, { sign }: Layout): string => (negative ? '-' : sign === '-' ? '' : sign);

const grouped = (digits: string, { grouping, align, fill, width }: Layout, size: number): string => {
  if (grouping === '') return digits;
  if (align === '=' && fill === '0' && width > 0)
    throw unsupported('a number filled with zeros and in groups');
  if (grouping === ',' && size !== 3) throw failed("Cannot specify ',' with this format");
  return digits.replaceAll(new RegExp(`\\B(?=(?:[0-9a-fA-F]{${size}})+$)`, 'g'), grouping);
};
