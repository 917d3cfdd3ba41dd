/** How a word is shown: each tone has a colour and a mark, and the word stands beside them. */
export type Tone = 'good' | 'bad' | 'unknown' | 'quiet';

const tones = {
  verified: 'good',
  passed: 'good',
  caught: 'good',
  equal: 'good',
  met: 'good',
  'not-verified': 'bad',
  failed: 'bad',
  missed: 'bad',
  different: 'bad',
  differs: 'bad',
  error: 'bad',
  'could-not-run': 'unknown',
  'not-run': 'unknown',
  skipped: 'unknown',
  'not-tried': 'unknown',
  'not-read': 'unknown',
  'not-comparable': 'unknown',
  'not compared': 'unknown',
  'not measured': 'unknown',
  warning: 'unknown',
  'not-applicable': 'quiet',
  'not applicable': 'quiet',
  explained: 'quiet',
} as const satisfies Record<string, Tone>;

export type State = keyof typeof tones;

/** Pure. */
export function toneOf(state: State): Tone {
  return tones[state];
}
