import prettyMilliseconds from 'pretty-ms';

/** Pure. */
export function showDuration({ measuredMs, met }: { measuredMs: number | null; met: boolean | null }): string {
  if (measuredMs === null) return '–';
  return `${prettyMilliseconds(measuredMs, { unitCount: 2 })}${met === false ? ', missed' : ''}`;
}
