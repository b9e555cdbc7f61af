import type { Run, WorkbenchEvent } from '../api/contract.ts';

type Written = Extract<WorkbenchEvent, { name: 'run.samples' }>['payload'];
type Drawn = Extract<WorkbenchEvent, { name: 'run.pictures' }>['payload'];

const most = { prompt: 40, text: 160 };

/** On one line, cut where it is long: what it says in full is kept with the run. */
const short = (text: string, length: number): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join('')}…`;
};

/** `LoRA r16, step 20: “Call me” → Ishmael. Some years ago`, a line for each prompt. */
export const sampleLines = ({ configuration }: Run, { step, samples }: Written): string[] =>
  samples.map(
    ({ prompt, text }) =>
      `${configuration.name}, step ${step}: “${short(prompt, most.prompt)}” → ${short(text, most.text)}`,
  );

/** `LoRA r16, step 20: 4 pictures in /data/runs/1/samples/step-00000020`. */
export const picturesLine = ({ configuration }: Run, { step, pictures, targetPath }: Drawn): string => {
  const count = pictures.filter(({ file }) => file !== null).length;
  const drawn =
    count === 0 ? 'no pictures' : `${count} ${count === 1 ? 'picture' : 'pictures'} in ${targetPath}`;
  return `${configuration.name}, step ${step}: ${drawn}`;
};
