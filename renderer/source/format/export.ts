import {
  certificateText,
  comparedIn,
  drawsPictures,
  type Adapter,
  type ExportKind,
  type ExportSummary,
} from '../../../main/api/contract.ts';
import { formatBytes, formatCount, formatTiny } from './number.ts';

export const exportKinds: Record<ExportKind, { title: string; description: string }> = {
  merged: {
    title: 'Merged weights',
    description:
      'A Hugging Face folder in the base model’s dtype and layout. Any tool that loads the base model loads it.',
  },
  adapter: {
    title: 'PEFT adapter',
    description:
      'A small folder that PEFT loads on top of the base model. A NoRA adapter is written as the LoRA that it is.',
  },
  'adapter-with-base': {
    title: 'PEFT adapter and its base',
    description:
      'Two folders: the base model without what the adapter starts from, and the adapter at its own rank, which PEFT loads on it.',
  },
  'clip-lora': {
    title: 'CLIP-LoRA’s file',
    description:
      'One file that the published code of CLIP-LoRA loads: factors on queries, keys, values and outputs of attention. A NoRA adapter is written as the LoRA that it is.',
  },
  kohya: {
    title: 'LoRA for ComfyUI and A1111',
    description:
      'One file in kohya’s form, in half precision, with the names and metadata that ComfyUI, A1111 and Forge look for. A NoRA adapter is written as the LoRA that it is.',
  },
  diffusers: {
    title: 'LoRA for diffusers',
    description:
      'A folder with the one file that diffusers loads on the base model. A NoRA adapter is written as the LoRA that it is.',
  },
  checkpoint: {
    title: 'Merged single file',
    description:
      'The whole model as one .safetensors in the original names, in the base model’s dtype. ComfyUI, A1111 and Forge load it as a checkpoint.',
  },
};

/** How a kind is told of an adapter: a model that draws is a folder of several parts. */
export const exportKindOf = (
  kind: ExportKind,
  { objective }: Pick<Adapter, 'objective'>,
): (typeof exportKinds)[ExportKind] =>
  kind === 'merged' && drawsPictures(objective)
    ? {
        title: 'Merged folder',
        description:
          'A folder of the whole pipeline in the base model’s dtype and layout. diffusers loads it as it loads the base model.',
      }
    : exportKinds[kind];

/** In the middle of a sentence: names such as PEFT and LoRA stay as they are. */
export const inSentence = (title: string): string =>
  title.replace(/^[A-Z][a-z]+(?=\s|$)/, (word) => word.toLowerCase());

/** None for exports from before there were certificates. */
export const describeCertificate = ({ certificate }: ExportSummary): string[] =>
  certificate === undefined ? [] : certificateText(certificate);

export const describeFiles = ({ files, bytes }: ExportSummary): string =>
  `${files.length === 1 ? '1 file' : `${formatCount(files.length)} files`}, ${formatBytes(bytes)}`;

const describeMean = ({ meanLogitDifference: mean }: ExportSummary): string =>
  mean === undefined ? '' : `${formatTiny(mean)} on average, `;

/** How far the exported weights are from base + adapter, and against what to read it. */
export const describeCheck = (summary: ExportSummary): string => {
  const { what, on } = comparedIn(summary.certificate, summary.promptTokens);
  return (
    `Largest ${what} difference ${formatTiny(summary.largestLogitDifference)} ` +
    `(${describeMean(summary)}${formatTiny(summary.largestLogitDifferenceUnrounded)} before rounding), ` +
    `against ${what}s up to ${summary.largestLogit.toPrecision(3)}, over ${on}`
  );
};
