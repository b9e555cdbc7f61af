import { join } from 'node:path';
import { mean } from '../../main/engine/statistics/moments.ts';
import { measureFidelity } from '../../main/trainer/fidelity/measure-fidelity.ts';
import { identifier } from './subjects/subjects.ts';

/** Cosines by CLIP, averaged over the pictures of a folder. */
export interface Measures {
  /** CLIP-I: with all real pictures of the subject. */
  readonly likeness: number;
  /** CLIP-T: with the prompt, without the word for the subject. */
  readonly promptFit: number;
}

interface Measured {
  readonly drawn: string;
  /** Folder of a CLIP. */
  readonly judge: string;
  /** The subject's folder, whose pictures to train on are the real ones. */
  readonly pictures: string;
  readonly threads: number;
}

/** As `nora fidelity` measures. @throws Error where a folder can't be read */
export const measureDrawn = async ({ drawn, judge, pictures, threads }: Measured): Promise<Measures> => {
  const values = new Map<string, number>();
  await measureFidelity(
    {
      folders: [drawn],
      subject: join(pictures, 'train/img'),
      models: [{ directory: judge }],
      leaveOut: identifier,
      ...{ batchSize: 8, threads },
    },
    {
      emit: (event) => {
        if (event.type !== 'fidelity') return;
        for (const { of, values: ofFolders } of event.measures) values.set(of, mean(ofFolders[0]!));
      },
      shouldStop: () => null,
    },
  );
  return { likeness: values.get('subject')!, promptFit: values.get('prompt')! };
};
