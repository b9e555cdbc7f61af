import type { WorkbenchState } from './workbench.svelte.ts';

/** What a screen keeps while others are shown: made when it is first asked for, one for each workbench. */
export const oncePerWorkbench = <Kept>(
  create: (workbench: WorkbenchState) => Kept,
): ((workbench: WorkbenchState) => Kept) => {
  const kept = new WeakMap<WorkbenchState, Kept>();
  return (workbench) => {
    const known = kept.get(workbench);
    if (known !== undefined) return known;
    const made = create(workbench);
    kept.set(workbench, made);
    return made;
  };
};
