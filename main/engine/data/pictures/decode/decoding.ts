/** What is left open by a picture's file. Pure: a browser can import this. */

/** Whether the mark in a file is followed that says how a camera was held. Pillow's open() and the published few-shot code don't. */
export const orientations = ['as-stored', 'as-marked'] as const;
export type Orientation = (typeof orientations)[number];

/** What becomes of pixels that show what is behind them: their own colour, as convert('RGB') leaves it (often black), or laid on white. */
export const transparencies = ['dropped', 'on-white'] as const;
export type Transparency = (typeof transparencies)[number];

export interface Decoding {
  readonly orientation: Orientation;
  readonly transparency: Transparency;
}

/** As Pillow's open() and convert('RGB'). */
export const plainDecoding: Decoding = { orientation: 'as-stored', transparency: 'dropped' };
