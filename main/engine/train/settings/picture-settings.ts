import { z } from 'zod';
import { attempt } from '../../attempt.ts';
import { checkTemplate, plainTemplate } from '../../data/pictures/prompts/templates.ts';
import { WorkbenchError } from '../../errors.ts';

/** What a run on pictures of classes has besides: which of them it trains on, what it asks of each class, and how it sees them. */
export const pictureSettingsSchema = z.strictObject({
  /** Pictures of each class to train on, drawn by the run's seed as CLIP-LoRA draws them (1, 2, 4, 8 and 16 are published); 'all' draws none. */
  shots: z.union([z.literal('all'), z.int().min(1).max(100_000)]).default('all'),
  /** What the text tower is given for each class, named where {} stands. */
  template: z
    .string()
    .max(1000)
    .superRefine((template, context) => {
      const wrong = attempt(() => checkTemplate(template, 'it'));
      if (wrong instanceof WorkbenchError)
        context.addIssue({ code: 'custom', message: wrong.message.replace(/^it: /, '') });
    })
    .default(plainTemplate),
  /** In training: parts of pictures, at random and mirrored, as CLIP-LoRA has it ('random'), or as the model itself sees them ('fixed'). */
  views: z.enum(['random', 'fixed']).default('random'),
  /**
   * Where the middle of a picture is that is cut for measuring and calibration: where the model's own files have it, or where torchvision's
   * CenterCrop has it ('even': half a pixel goes to the even number), by which published accuracies are measured.
   */
  centre: z.enum(['model', 'even']).default('model'),
  /** Pictures that don't fill a batch at the end of an epoch: they share one with the next epoch, or are one by themselves, as in the published code. */
  epochEnd: z.enum(['runs-on', 'small-batch']).default('runs-on'),
});

export type PictureSettings = z.output<typeof pictureSettingsSchema>;
