/** A unit that numbers are shown in, so that an axis has round ones. */
export interface Unit {
  name: string;
  size: number;
}

const ofTime: Unit[] = [
  { name: 'ms', size: 1 },
  { name: 's', size: 1000 },
  { name: 'min', size: 60_000 },
  { name: 'h', size: 3_600_000 },
  { name: 'days', size: 86_400_000 },
];

const ofSize: Unit[] = ['B', 'kB', 'MB', 'GB', 'TB'].map((name, index) => ({ name, size: 1000 ** index }));

/** The largest unit that the largest value has twice. Pure. */
export function timeUnit(maximumMs: number): Unit {
  return unitFor(ofTime, maximumMs);
}

/** Pure. */
export function sizeUnit(maximumBytes: number): Unit {
  return unitFor(ofSize, maximumBytes);
}

function unitFor(units: Unit[], maximum: number): Unit {
  const [smallest = { name: '', size: 1 }] = units;
  return units.findLast(({ size }) => maximum >= 2 * size) ?? smallest;
}

/** Of how many of its own a target may be above the largest value, to be drawn still: one far above would press all flat. */
const reach = 3;

/** Whether a target is drawn as a line. Pure. */
export function isInReach(target: number, maximum: number): boolean {
  return target <= maximum * reach;
}
