import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { measureAll, mergeDocument, mergeText, outside } from './merge-document.ts';

const measured = await measureAll((model) => console.log(model));
const options = await resolveConfig(mergeDocument);
writeFileSync(mergeDocument, await format(mergeText(measured), { ...options, filepath: mergeDocument }));
const failed = outside(measured);
console.log(failed.length === 0 ? 'all inside' : failed.join('\n'));
process.exitCode = failed.length === 0 ? 0 : 1;
