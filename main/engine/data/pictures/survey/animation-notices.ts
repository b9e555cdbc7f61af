import { listed } from '../../../suggestions.ts';
import type { Survey } from './survey-pictures.ts';

/** What a person should know of files that hold more than the picture that is seen. */
export const animationNotices = (survey: Survey): string[] => {
  const names = [...survey].flatMap(([name, looked]) =>
    looked.kind === 'sound' && looked.isAnimated ? [name] : [],
  );
  return names.length === 0
    ? []
    : [`animations, of which the first picture is seen: ${listed(names.toSorted(), 5)}`];
};
