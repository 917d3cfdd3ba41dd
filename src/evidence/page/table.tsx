import type { ComponentChildren } from 'preact';

interface TableProps {
  /** What the table is, for whoever cannot see where it stands. */
  label: string;
  head: Column[];
  /** Of each row the cells; the first names the row. */
  rows: ComponentChildren[][];
  /** On a phone, the cells of a row stand below each other. */
  isStacked?: boolean;
}

export interface Column {
  name: string;
  /** Numbers stand right, below each other. */
  isNumber?: boolean;
}

/** A table that can be scrolled, also by keyboard, where it is wider than the screen. The roles outlive its being stacked. */
export function Table({ label, head, rows, isStacked = false }: TableProps) {
  return (
    <div class={isStacked ? 'scroll stack' : 'scroll'} role="region" aria-label={label} tabIndex={0}>
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            {head.map(({ name, isNumber }) => (
              <th role="columnheader" scope="col" class={classOf(isNumber)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((cells) => (
            <tr role="row">
              {cells.map((cell, index) =>
                index === 0 ? (
                  <th role="rowheader" scope="row">
                    {cell}
                  </th>
                ) : (
                  <td role="cell" data-label={head[index]?.name} class={classOf(head[index]?.isNumber)}>
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf(isNumber: boolean | undefined): string | undefined {
  return isNumber === true ? 'number' : undefined;
}
