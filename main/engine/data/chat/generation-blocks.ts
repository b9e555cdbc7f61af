/** As transformers looks for them. */
export const hasGenerationBlocks = (template: string): boolean =>
  /\{%[-+]?\s*generation\s*[-+]?%\}/.test(template);
