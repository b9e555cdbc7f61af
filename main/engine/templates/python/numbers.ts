import { failed, unsupported } from '../template-error.ts';

/** repr(float): the shortest digits, with an exponent from 1e16 on and below 1e-4. */
export const floatText = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${exponent.slice(1).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
};

/** A finite double is numerator / denominator exactly. */
const ratioOf = (value: number): [numerator: bigint, denominator: bigint] => {
  let denominator = 1n;
  while (!Number.isInteger(value)) {
    value *= 2; // exact: a power of two
    denominator *= 2n;
  }
  return [BigInt(value), denominator];
};

/** numerator / denominator to the nearest whole number, halves to the even one. The denominator is positive. */
export const roundHalfEven = (numerator: bigint, denominator: bigint): bigint => {
  const floor = floorDivide(numerator, denominator);
  const twice = (numerator - floor * denominator) * 2n;
  if (twice < denominator || (twice === denominator && floor % 2n === 0n)) return floor;
  return floor + 1n;
};

/** f'{value:.{digits}f}', of a finite value: exact, halves to even. */
export const fixedText = (value: number, digits: number): string => {
  const negative = value < 0 || Object.is(value, -0);
  const [numerator, denominator] = ratioOf(Math.abs(value));
  const scaled = roundHalfEven(numerator * 10n ** BigInt(digits), denominator).toString();
  const padded = scaled.padStart(digits + 1, '0');
  const whole = padded.slice(0, padded.length - digits);
  const text = digits === 0 ? whole : `${whole}.${padded.slice(-digits)}`;
  return negative ? `-${text}` : text;
};

/** f'{value:.{digits}e}', of a finite value. */
export const exponentText = (value: number, digits: number): string => {
  const [mantissa = '', exponent = ''] = value.toExponential(digits).split('e');
  if (digits < 30 && Number(`${mantissa}e${exponent}`) !== value && isTie(value, digits))
    throw unsupported('a number just between two of that many digits in the format e');
  const sign = Object.is(value, -0) ? '-' : '';
  return `${sign}${mantissa}e${exponent.startsWith('-') ? '-' : '+'}${exponent.slice(1).padStart(2, '0')}`;
};

/** Whether the digits behind the last one kept are a five and nothing more. JavaScript rounds those up, Python to even. */
const isTie = (value: number, digits: number): boolean =>
  /^5?0*$/.test(
    value
      .toExponential(Math.min(100, digits + 60))
      .split('e')[0]!
      .replace(/^-?\d\./, '')
      .slice(digits),
  );

export const roundFloat = (value: number, digits: number): number => {
  if (!Number.isFinite(value)) return value;
  if (digits > 323) return value;
  if (digits < 0) throw unsupported('round to less than no digits');
  return Number(fixedText(value, digits));
};

export const floorDivide = (left: bigint, right: bigint): bigint => {
  const quotient = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
};

/** The sign of the remainder is the divisor's. */
export const modulo = (left: bigint, right: bigint): bigint => {
  const rest = left % right;
  return rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest;
};

/** float.__divmod__ as CPython computes it. */
export const floatDivMod = (left: number, right: number): [quotient: number, rest: number] => {
  let rest = left % right;
  let quotient = (left - rest) / right;
  if (rest !== 0) {
    if (right < 0 !== rest < 0) {
      rest += right;
      quotient -= 1;
    }
  } else {
    rest = Object.is(right, -0) || right < 0 ? -0 : 0;
  }
  if (quotient === 0) return [left / right < 0 || Object.is(left / right, -0) ? -0 : 0, rest];
  const floor = Math.floor(quotient);
  return [quotient - floor > 0.5 ? floor + 1 : floor, rest];
};

/** Of two ints, as Python's `/`. */
export const divideIntegers = (left: bigint, right: bigint): number => {
  const limit = 2n ** 53n;
  const small = (value: bigint): boolean => value <= limit && value >= -limit;
  if (!small(left) || !small(right)) throw unsupported('/ of whole numbers beyond 2^53');
  return Number(left) / Number(right);
};

export const powerOf = (base: bigint, exponent: bigint): bigint => {
  if (exponent < 0n) throw unsupported('** with a negative exponent');
  if (exponent * BigInt(base.toString(2).length) > 100_000n) throw unsupported('** with so large a result');
  return base ** exponent;
};

/** As float(int): the nearest double. */
export const toFloat = (value: bigint): number => {
  const float = Number(value);
  if (!Number.isFinite(float)) throw failed('int too large to convert to float');
  return float;
};

const prefixes: Record<string, number> = { '0b': 2, '0o': 8, '0x': 16 };

/** int(text, base), or null where Python raises a ValueError. */
export const parseInteger = (text: string, base: number): bigint | null => {
  if (/\p{Nd}/u.test(text.replaceAll(/[0-9]/g, '')))
    throw unsupported('a number in digits other than 0 to 9');
  const match = /^([+-]?)(.*)$/s.exec(text);
  let digits = match![2]!;
  if (!/^[0-9a-z_]+$/i.test(digits)) return null;
  const prefixBase = prefixes[digits.slice(0, 2).toLowerCase()];
  if (prefixBase !== undefined && (base === 0 || base === prefixBase)) {
    digits = digits.slice(2).replace(/^_/, '');
    base = prefixBase;
  }
  if (base === 0) {
    if (/^0[0_]*[1-9]/.test(digits)) return null;
    base = 10;
  }
  if (!/^[0-9a-z]+(?:_[0-9a-z]+)*$/i.test(digits)) return null;
  digits = digits.replaceAll('_', '');
  if (digits.length > 4300) throw unsupported('a number of more than 4300 digits');
  let value = 0n;
  for (const digit of digits.toLowerCase()) {
    const worth = parseInt(digit, 36);
    if (worth >= base) return null;
    value = value * BigInt(base) + BigInt(worth);
  }
  return match![1] === '-' ? -value : value;
};

/** float(text), or null where Python raises a ValueError. `text` is without space around. */
export const parseFloat = (text: string): number | null => {
  if (/\p{Nd}/u.test(text.replaceAll(/[0-9]/g, '')))
    throw unsupported('a number in digits other than 0 to 9');
  const special = /^([+-]?)(?:(inf|infinity)|nan)$/i.exec(text);
  if (special !== null) return special[2] === undefined ? NaN : special[1] === '-' ? -Infinity : Infinity;
  const part = '[0-9]+(?:_[0-9]+)*';
  const number = new RegExp(`^[+-]?(?:${part}\\.?(?:${part})?|\\.${part})(?:e[+-]?${part})?$`, 'i');
  return number.test(text) ? Number(text.replaceAll('_', '')) : null;
};
