/** What may stand between the fields of a CSV file. Pure: a browser can import this. */
export const separators = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;

export type SeparatorName = keyof typeof separators;

export const separatorNames = Object.keys(separators) as [SeparatorName, ...SeparatorName[]];
