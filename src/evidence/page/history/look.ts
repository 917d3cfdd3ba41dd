/** How charts look. Colours are the page's, in light and dark. */
export const size = { width: 460, height: 190 };

const words = { color: 'var(--soft)', fontSize: 11 };

export const axis = {
  axisLabel: words,
  nameTextStyle: { ...words, align: 'right' as const },
  axisLine: { lineStyle: { color: 'var(--line)' } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: 'var(--line)' } },
  splitNumber: 4,
};

export const timeAxis = {
  ...axis,
  type: 'time' as const,
  splitLine: { show: false },
  axisLabel: {
    ...words,
    hideOverlap: true,
    formatter: {
      year: '{yyyy}',
      month: '{MMM} {yyyy}',
      day: '{d} {MMM}',
      hour: '{HH}:{mm}',
      minute: '{HH}:{mm}',
      second: '{HH}:{mm}:{ss}',
    },
  },
};

export const line = { grid: { left: 44, right: 14, top: 26, bottom: 26 } };

/** A run that speaks against the backup is not told by its colour alone. */
export const bad = {
  type: 'scatter' as const,
  symbol: 'diamond',
  symbolSize: 9,
  itemStyle: { color: 'var(--bad-fill)', opacity: 1 },
  z: 5,
};
