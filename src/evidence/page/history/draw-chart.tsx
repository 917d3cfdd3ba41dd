import type * as echarts from 'echarts';
import { h, type VNode } from 'preact';

/** What draws charts, once it has been loaded. */
export type Charts = Pick<typeof echarts, 'init'>;

export const loadCharts = (): Promise<Charts> => import('echarts/dist/echarts.esm.min.mjs');

export interface Drawing {
  /** Of its own on the page. */
  id: string;
  /** What is to be seen, in words. */
  label: string;
  width: number;
  height: number;
  option: echarts.EChartsOption;
}

/** Draws a chart as SVG, in the colours of the page. */
export function drawChart({ init }: Charts, { id, label, width, height, option }: Drawing): VNode {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, useUTC: true, ...option });
    // Not renderToSVGString: its inline styles are what the page's policy forbids, and a string would have to be trusted.
    const painter = chart.getZr().painter as unknown as { renderToVNode(options: object): Node };
    const { attrs, children } = painter.renderToVNode({ useViewBox: true });
    return (
      <svg class="chart" viewBox={String(attrs['viewBox'])} role="img" aria-label={label}>
        {(children ?? []).map((child) => toElement(child, id))}
      </svg>
    );
  } finally {
    chart.dispose();
  }
}

/** An element of zrender's SVG. */
interface Node {
  tag: string;
  attrs: Record<string, string | number | boolean | undefined>;
  children?: Node[];
  text?: string;
}

function toElement({ tag, attrs, children, text }: Node, id: string): VNode {
  const kept = Object.entries(attrs).filter(([name]) => !leftOut.test(name));
  // Ids count the charts of the process, not those of the page.
  const renamed = kept.map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replace(/^(url\(#)?zr\d+-/, `$1${id}-`) : value,
  ]);
  const content = text === undefined ? [] : [text];
  return h(
    tag,
    Object.fromEntries(renamed) as object,
    ...content,
    ...(children ?? []).map((child) => toElement(child, id)),
  );
}

/** Fonts are the page's, and the rest is for a chart that answers to the mouse. */
const leftOut = /^(?:style|pointer-events|ecmeta_.*|paint-order)$/;
