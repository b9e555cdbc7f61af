import { describe, expect, it } from 'vitest';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import { truncatedSvd } from '../../../main/engine/linear-algebra/truncated-svd.ts';
import { randomMatrix } from './svd-support.ts';
import { describeTruncatedSvd } from './svd-suite.ts';

describe('truncatedSvd, the twin', () => {
  describeTruncatedSvd(truncatedSvd);

  it('throws errors meant for people', () => {
    expect(() => truncatedSvd(randomMatrix(2, 2, 1), 3)).toThrow(WorkbenchError);
  });
});
