/** Keys pressed with Ctrl, Alt or Cmd belong to the browser or the system: Alt and ← goes back, for example. */
export const isChord = ({ ctrlKey, metaKey, altKey }: KeyboardEvent): boolean => ctrlKey || metaKey || altKey;
