/** Orders of an average hour for which the tables are worked out. */
const AN_HOUR = [1_000, 10_000, 100_000];
/** The busiest minutes of a day have so many times the orders of its average busy hour. */
const PEAK = 2;
/** How busy a core may be at the peak: what is left takes bursts, garbage collection and a copy that is lost. */
const BUSY = 0.55;
/** One process of Node uses one core (argon2 in `user` runs on threads beside it). */
const STORES = new Set(['mysql', 'kafka', 'redis']);

/** The cores that a service needs for so many orders an hour, and how many copies of one core. */
export function need({ cpuMsPerOrder, idleCores }, ordersAnHour) {
  const cores = (((ordersAnHour * PEAK) / 3600) * cpuMsPerOrder) / 1000 / BUSY + idleCores;
  return { cores, copies: Math.max(1, Math.ceil(cores)) };
}

/** The report as Markdown. */
export function sizes(facts) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  const perHour = (number) => `${number / 1000}k orders/h`;
  const rows = facts.services.map((row) => [
    row.service,
    row.cpuMsPerOrder.toFixed(1),
    row.cpuMsPerOrder > 0 ? Math.floor((BUSY * 3_600_000) / row.cpuMsPerOrder / PEAK).toLocaleString('en') : '',
    row.idleCores.toFixed(3),
    row.rssMb.toFixed(0),
    ...AN_HOUR.map((number) => {
      const { cores, copies } = need(row, number);
      return STORES.has(row.service) ? `${cores.toFixed(1)} cores` : `${copies} (${cores.toFixed(2)})`;
    }),
  ]);
  const sum = (key) => facts.services.reduce((total, row) => total + row[key], 0);
  const totals = AN_HOUR.map((number) =>
    facts.services.reduce((total, row) => total + need(row, number).cores, 0).toFixed(1),
  );
  const total = ['all', sum('cpuMsPerOrder').toFixed(1), '', sum('idleCores').toFixed(3), sum('rssMb').toFixed(0)];
  const head = ['service', 'CPU ms/order', 'orders/h a core carries', 'idle cores', 'MB', ...AN_HOUR.map(perHour)];
  const bytes = Object.entries(facts.bytesPerOrder).map(([what, count]) => [
    what,
    Math.round(count).toLocaleString('en'),
  ]);
  const pools = Object.entries(facts.connections).map(([database, count]) => `${database} ${count}`);
  return `${table(head, [...rows, [...total, ...totals.map((cores) => `${cores} cores`)]])}

${table(['on disk', 'bytes an order'], bytes)}

Database connections, one copy of each service: ${pools.join(', ')}.

${facts.orders} orders (${facts.errors} errors, ${facts.delivered} delivered) in ${facts.seconds.toFixed(0)} s · peak factor ${PEAK}, ${Math.round(BUSY * 100)} % busy at the peak · ${facts.at} · node ${facts.node} · ${facts.machine}
`;
}
