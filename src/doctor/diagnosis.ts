/** What the doctor found about one thing that a rehearsal needs. */
export interface Diagnosis {
  name: string;
  /** `may-work`: only a rehearsal would tell. */
  state: 'works' | 'may-work' | 'broken';
  text: string;
  /** The command, or what else mends it. */
  remedy?: string;
}

/** Whether a rehearsal has all that it needs: everything, and one of the engines that it may use. Pure. */
export function isFit(machine: Diagnosis[], engines: Diagnosis[], wanted: 'auto' | 'docker' | 'local'): boolean {
  const usable = engines.filter(({ name }) => wanted === 'auto' || name === wanted);
  return machine.every(({ state }) => state !== 'broken') && usable.some(({ state }) => state !== 'broken');
}
