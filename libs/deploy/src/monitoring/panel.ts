/** A graph of the dashboard. */
export interface Panel {
  title: string;
  /** Expression and legend of each line. */
  lines: readonly (readonly [expr: string, legend: string])[];
  unit?: string;
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

const WIDTH = 24;
const HEIGHT = 8;
const PER_ROW = 3;
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The panels of Grafana's own format: each row a heading and, below it, three panels side by side. */
export function panelsOf(rows: readonly Row[]): object[] {
  let id = 0;
  let y = 0;
  return rows.flatMap(({ title, panels }) => {
    const heading = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { h: 1, w: WIDTH, x: 0, y },
      panels: [],
    };
    const top = y + 1;
    y = top + Math.ceil(panels.length / PER_ROW) * HEIGHT;
    return [heading, ...panels.map((panel, index) => panelOf(panel, ++id, placeOf(index, top)))];
  });
}

const placeOf = (index: number, top: number) => ({
  h: HEIGHT,
  w: WIDTH / PER_ROW,
  x: (index % PER_ROW) * (WIDTH / PER_ROW),
  y: top + Math.floor(index / PER_ROW) * HEIGHT,
});

const panelOf = ({ title, lines, unit = 'short' }: Panel, id: number, gridPos: object) => ({
  id,
  type: 'timeseries',
  title,
  datasource: SOURCE,
  gridPos,
  fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
  targets: lines.map(([expr, legendFormat], index) => ({
    refId: String.fromCharCode(65 + index),
    datasource: SOURCE,
    expr,
    legendFormat,
  })),
});
