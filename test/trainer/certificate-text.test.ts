import { expect, it } from 'vitest';
import type { MergeCertificate } from '../../main/trainer/protocol/certificate-schema.ts';
import { certificateText, comparedIn } from '../../main/trainer/protocol/certificate-text.ts';

const certificateOn = (data: MergeCertificate['metrics']['on']['data'], reason: string): MergeCertificate =>
  ({
    metrics: { on: { data, file: null, rows: 0, tokens: 0, scored: 0, reason }, values: [] },
    ...{ base: { files: [] }, adapter: { files: [] }, exported: { files: [] } },
  }) as unknown as MergeCertificate;

it('says of a model that draws that predictions on noise were compared, and of others logits', () => {
  expect(comparedIn(certificateOn('noise-to-predict', 'so'), 128)).toEqual({
    what: 'prediction',
    on: 'noise',
  });
  expect(comparedIn(certificateOn('noise', 'so'), 128)).toEqual({ what: 'logit', on: 'pictures of noise' });
  expect(comparedIn(undefined, 1280)).toEqual({ what: 'logit', on: '1,280 tokens' });
  expect(certificateText(certificateOn('noise-to-predict', 'they say more'))[0]).toBe(
    'No metric was measured: predictions on noise were compared (they say more)',
  );
});
