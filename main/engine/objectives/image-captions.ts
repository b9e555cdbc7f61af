import { numbered } from './pictures/compared.ts';
import { comparedCaptions } from './pictures/captioned.ts';

const [captionOf, pictureOf] = ['caption_of_image', 'image_of_caption'];

/**
 * CLIP's own objective: among all pairs of a step each picture has to find its caption, and each caption its picture: half of the cross
 * entropy both ways, summed over the pairs.
 */
export const imageCaptions = comparedCaptions({
  targetNames: [captionOf, pictureOf],
  targets: (pairs) => ({ [captionOf]: numbered(pairs), [pictureOf]: numbered(pairs) }),
  loss: (g, logits) => {
    const ofPictures = g.crossEntropy(logits, g.input(captionOf, 'int64', [logits.shape[0]!]));
    const turned = g.transpose(logits, [1, 0]);
    const ofCaptions = g.crossEntropy(turned, g.input(pictureOf, 'int64', [turned.shape[0]!]));
    return g.multiply(g.add(g.sum(ofPictures, [0]), g.sum(ofCaptions, [0])), 0.5);
  },
});
