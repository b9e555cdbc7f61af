/** What a run is known by wherever it is drawn. */
export interface RunLook {
  /** Of CSS. */
  readonly colour: string;
  /** Lengths of a line's strokes and gaps in pixels, as SVG and canvas take them; none of a line without gaps. */
  readonly dash: readonly number[];
}

const colours = Array.from({ length: 8 }, (_, index) => `var(--run-${index + 1})`);
/** Those that are left where a person has their system choose all colours. */
const systemColours = ['CanvasText', 'LinkText', 'Highlight', 'VisitedText'];
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [18, 5], [6, 3, 2, 3, 2, 3], [2, 8], [12, 4, 5, 4]];

const around = <T>(list: readonly T[], index: number): T => list.at(Math.floor(index) % list.length)!;

/**
 * One colour after the other without gaps, then the same colours in dashes. With forced colours it is the dashes that take turns first.
 * @param place the run's in its experiment, or the arm's in its comparison
 */
export const lookOf = (place: number, hasForcedColours: boolean): RunLook =>
  hasForcedColours
    ? { colour: around(systemColours, place / dashes.length), dash: around(dashes, place) }
    : { colour: around(colours, place), dash: around(dashes, place / colours.length) };
