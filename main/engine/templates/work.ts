import { failed } from './template-error.ts';

/** In UTF-16 code units: of any text that a template makes. What a model reads at once is far shorter. */
const mostCharacters = 2 ** 22;
const mostItems = 1_000_000;
/** Python writes no number of more digits either, unless it is told to. */
const largestInteger = 10n ** 4300n;

/** For one conversation: about a second. 64 characters that are written or compared are one unit. */
const mostUnits = 2 ** 24;
const charactersPerUnit = 64;
const itemsPerUnit = 16;
const unitsPerValue = 16;
const unitsPerCall = 256;

/** Renderings do not overlap, so what is left of one is known to all the parts of a template without being handed on. */
let unitsLeft = mostUnits;

export const startWork = (): void => {
  unitsLeft = mostUnits;
};

const spend = (units: number): void => {
  unitsLeft -= units;
  if (unitsLeft < 0) throw failed('it takes more work than one conversation may');
};

/** @throws TemplateError for a text that is too long */
export const checkLength = (characters: number): void => {
  if (characters > mostCharacters)
    throw failed(`a text of more than ${mostCharacters.toLocaleString('en')} characters`);
};

/** To be asked before a text of so many characters is made. @throws TemplateError where it would be too long */
export const spendCharacters = (count: number): void => {
  checkLength(count);
  spend(count / charactersPerUnit);
};

/** To be asked before a list of so many items is made. @throws TemplateError where it would be too long */
export const spendItems = (count: number): void => {
  if (count > mostItems) throw failed(`a list of more than ${mostItems.toLocaleString('en')} items`);
  spend(count / itemsPerUnit);
};

/** For each value that is looked through: one that holds another twice, and so on, holds more than it has memory for. */
export const spendValue = (): void => spend(unitsPerValue);

/** For a text of a value that is written with all it holds: what is made of it waits in memory until all of it is. */
export const spendQuoted = (characters: number): void => spend(characters / 8);

/** For a macro that is called: they call each other without a loop. */
export const spendCall = (): void => spend(unitsPerCall);

/** For a text that is looked through. */
export const spendReading = (characters: number): void => spend(characters / charactersPerUnit);

export const boundedInteger = (value: bigint): bigint => {
  if (value > largestInteger || value < -largestInteger) throw failed('a number of more than 4,300 digits');
  return value;
};

/** Texts, stacks and lists have an end in JavaScript too. */
export const namingLimits = <Result>(work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw failed(
      /call stack/.test(error.message) ? 'its parts stand too deep within each other' : error.message,
    );
  }
};
