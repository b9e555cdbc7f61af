/** What a reader can be told to be in: the smallest of these around a control that went away. */
const places = 'li, tr, fieldset, section, [role="group"], [role="dialog"], main';

const isFocusable = (element: HTMLElement): boolean => element.isConnected && !element.matches(':disabled');

/**
 * A focused control that is replaced or disabled drops the focus on the page's body: the next Tab begins anew and a reader falls
 * silent. This keeps it where the person was: at the same control once it is enabled again, else at what was around it.
 * @returns the way to stop
 */
export const keepFocus = (root: HTMLElement): (() => void) => {
  let last: HTMLElement | undefined;
  /** Around it when it had the focus, from the inside out: what was removed knows no ancestors any more. */
  let around: HTMLElement[] = [];

  const remember = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement) || !root.contains(target)) return void (last = undefined);
    last = target;
    around = [];
    for (let place = target.parentElement?.closest<HTMLElement>(places); place;) {
      around.push(place);
      place = place.parentElement?.closest<HTMLElement>(places);
    }
  };

  const restore = (): void => {
    const { activeElement, body } = document;
    if (last === undefined || (activeElement !== body && activeElement !== null)) return;
    if (isFocusable(last)) return last.focus();
    if (last.isConnected) return; // disabled while it is busy
    const place = around.find(({ isConnected }) => isConnected);
    if (place === undefined) return;
    if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  };

  const observer = new MutationObserver(restore);
  observer.observe(root, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled'],
  });
  // A person who clicks on nothing in particular means to leave.
  const forget = ({ target }: PointerEvent): void => {
    if (target instanceof Node && last?.contains(target) !== true) last = undefined;
  };
  document.addEventListener('focusin', remember);
  document.addEventListener('pointerdown', forget);
  return () => {
    observer.disconnect();
    document.removeEventListener('focusin', remember);
    document.removeEventListener('pointerdown', forget);
  };
};
