import './no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import { lower } from '../lower/lower.ts';

/**
 * Whether ONNX Runtime's 8-bit products are wrong on this processor: those of x86 before VNNI add pairs of products in 16 bits and
 * cut off what does not fit. The largest values there are tell. Asked once a process.
 */
export const byteProductsSaturate = (): Promise<boolean> => (known ??= probe());

let known: Promise<boolean> | undefined;

const [inner, outer] = [64, 16];

const probe = async (): Promise<boolean> => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['rows', inner]);
  const bytes = (name: string, rows: number, columns: number) =>
    [
      g.initializer(name, 'int8', [rows, columns], {
        kind: 'inline',
        data: new Int8Array(rows * columns).fill(127),
      }),
      g.constant(`${name}_scales`, [columns], new Float32Array(columns).fill(1)),
    ] as const;
  const y = g.quantizedMatmul(
    x,
    ...g.quantizeRows(x),
    ...bytes('weight', inner, outer),
    ...bytes('twin', outer, inner),
  );
  const session = await InferenceSession.create(lower(g.build({ y })), { logSeverityLevel: 3 });
  const outputs = await session.run({
    x: new Tensor('float32', new Float32Array(inner).fill(1), [1, inner]),
  });
  await session.release();
  const exact = 127 * inner;
  return Math.abs(Number(outputs['y']?.data[0]) - exact) > 1e-3 * exact;
};
