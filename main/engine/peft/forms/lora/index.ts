import type { PeftForm } from '../../form.ts';
import { read } from './read.ts';
import { write } from './write.ts';

export const lora = { onAnyLayer: true, read, write } satisfies PeftForm;
