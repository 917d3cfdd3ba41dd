/** Who provides disposable servers; `auto`: the first that works here. A flag needs to know it without the whole profile. */
export const engineChoices = ['auto', 'docker', 'local'] as const;
