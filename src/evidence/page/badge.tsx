import { toneOf, type State } from './tone.ts';

/** A word with the mark and the colour of what it says. */
export function Badge({ state, text = state }: { state: State; text?: string }) {
  return <span class={`badge ${toneOf(state)}`}>{text}</span>;
}
