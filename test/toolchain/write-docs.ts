import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { methodsDocument, methodsText } from './methods-document.ts';

/** As the formatter would leave it, so that both are content. */
const options = await resolveConfig(methodsDocument);
writeFileSync(methodsDocument, await format(methodsText(), { ...options, filepath: methodsDocument }));
