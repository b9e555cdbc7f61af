import type { Thumbnail } from '../../../main/api/contract.ts';

/** A drawing for the gallery, made where it is shown: squares in two colours. */
export const drawnSquares = (edge: number): NonNullable<Thumbnail['image']> => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = edge;
  const context = canvas.getContext('2d');
  const square = edge / 4;
  for (let at = 0; context !== null && at < 16; at++) {
    context.fillStyle = (at + Math.floor(at / 4)) % 2 === 0 ? 'steelblue' : 'linen';
    context.fillRect((at % 4) * square, Math.floor(at / 4) * square, square, square);
  }
  const [, data = ''] = canvas.toDataURL('image/webp').split(',');
  return { type: 'image/webp', data, width: edge, height: edge };
};
