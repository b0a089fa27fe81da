// The parts of monitoring.sh that ask Prometheus. Usage: monitoring.cjs configure RENDERED WORK PORT | up|rules|panels|down URL DASHBOARD
'use strict';
const { copyFileSync, readFileSync, writeFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { parse, stringify } = require('yaml');

const [, , what, ...args] = process.argv;
/** What a quiet trial of some minutes has no figures for. */
const SILENT = [/status="failed"/, /result="retried"/, /nakku:errors:ratio5m/, /cache_redis_hits_total/];

/** The rendered files, but for a server at an address of this machine and every second. */
function configure(rendered, work, port) {
  const config = parse(readFileSync(`${rendered}/prometheus.yml`, 'utf8'));
  config.global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  config.alerting = {};
  for (const job of config.scrape_configs) {
    if (!job.dns_sd_configs) continue;
    delete job.dns_sd_configs;
    job.static_configs = [{ targets: [`127.0.0.1:${port}`] }];
    job.authorization.credentials_file = `${work}/token`;
  }
  config.scrape_configs = config.scrape_configs.filter(({ authorization }) => authorization);
  writeFileSync(`${work}/prometheus.yml`, stringify(config));
  const rules = parse(readFileSync(`${rendered}/alerts.yml`, 'utf8'));
  for (const group of rules.groups) group.interval = '1s';
  writeFileSync(`${work}/alerts.yml`, stringify(rules));
  copyFileSync(`${rendered}/alerts.test.yml`, `${work}/alerts.test.yml`);
}

const get = async (url) => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  const body = await answer.json();
  if (body.status !== 'success') throw new Error(`${url}: ${body.error}`);
  return body.data;
};
const query = async (base, expr) => (await get(`${base}/api/v1/query?query=${encodeURIComponent(expr)}`)).result;

async function until(what, seconds, work) {
  let last;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(500)) {
    last = await work().catch((error) => error.message);
    if (last === true) return;
  }
  throw new Error(`${what}: not within ${seconds} s (${JSON.stringify(last)})`);
}

const rulesOf = async (base) => (await get(`${base}/api/v1/rules`)).groups.flatMap(({ rules }) => rules);

async function up(base) {
  await until('the target is up', 60, async () => {
    const targets = (await get(`${base}/api/v1/targets`)).activeTargets;
    const bad = targets.filter(({ health }) => health !== 'up').map(({ lastError }) => lastError);
    return targets.length > 0 && bad.length === 0 ? true : bad;
  });
}

async function rules(base) {
  const all = () => rulesOf(base);
  await until(
    'all rules were evaluated',
    30,
    async () =>
      (await all()).every(({ health }) => health === 'ok') || (await all()).filter(({ health }) => health !== 'ok'),
  );
  const firing = (await all()).filter(({ state }) => state === 'firing').map(({ name }) => name);
  if (firing.length > 0) throw new Error(`these alerts fire: ${firing.join(', ')}`);
  console.log(`${(await all()).length} rules`);
}

async function panels(base, dashboard) {
  const found = JSON.parse(readFileSync(dashboard, 'utf8')).panels.flatMap(({ targets = [] }) => targets);
  const exprs = found.map(({ expr }) => expr.replaceAll('"$job"', '".*"'));
  const empty = async () => {
    const left = [];
    for (const expr of exprs)
      if ((await query(base, expr)).length === 0 && !SILENT.some((one) => one.test(expr))) left.push(expr);
    return left;
  };
  await until('every panel has figures', 60, async () => ((await empty()).length === 0 ? true : empty()));
  console.log(`${exprs.length} expressions`);
}

async function down(base) {
  await until('ServiceDown begins', 30, async () => {
    const alert = (await rulesOf(base)).find(({ name }) => name === 'ServiceDown');
    return alert.state !== 'inactive' ? true : alert.state;
  });
}

const steps = { configure, up, rules, panels, down };
if (!steps[what]) {
  console.error('monitoring.cjs configure RENDERED WORK PORT | up|rules|panels|down URL DASHBOARD');
  process.exit(2);
}
Promise.resolve(steps[what](...args)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
