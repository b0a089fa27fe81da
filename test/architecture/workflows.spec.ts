import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { filesBelow, read, ROOT } from './documents.js';

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  steps?: Step[];
  uses?: string;
  environment?: string;
  container?: string;
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  concurrency?: { group: string; 'cancel-in-progress': unknown };
  jobs: Record<string, Job>;
}

const names = filesBelow('.github/workflows').filter((path) => path.endsWith('.yml'));
const workflows = names.map((name) => ({ name, text: read(name), workflow: parse(read(name)) as Workflow }));
const jobs = workflows.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).map(([id, job]) => ({ name, id, job })),
);
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, ...step })));
const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

describe('the workflows', () => {
  it('test, release, deploy and roll back', () => {
    expect(names.map((name) => name.split('/').at(-1))).toEqual([
      'ci.yml',
      'deploy.yml',
      'release.yml',
      'rollback.yml',
    ]);
  });

  it('run only scripts that are there and can be run', () => {
    const files = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/(?<![\w./"$-])(?:\.ci|deploy|docker|tools)\/[\w./-]*\w/g)].map(([path]) => path),
    );
    const wanted = [...new Set(files)].filter((path) => !path.startsWith('deploy/secrets'));
    expect(wanted).toEqual(
      expect.arrayContaining(['.ci/run', 'docker/build.sh', 'deploy/blue-green.sh', 'deploy/smoke.cjs']),
    );
    // A path after `kubectl exec` names an object of the cluster.
    const missing = wanted.filter((path) => path !== 'deploy/api-gateway' && !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
    const scriptsThatRun = wanted.filter((path) => path.endsWith('.sh') || path === '.ci/run');
    expect(scriptsThatRun.filter((path) => (statSync(join(ROOT, path)).mode & 0o111) === 0)).toEqual([]);
    const npm = steps.flatMap(({ run = '' }) => [...run.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!));
    expect(npm.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('may read the code, and more only where a job says what', () => {
    expect(workflows.map(({ workflow }) => workflow.permissions)).toEqual(workflows.map(() => ({ contents: 'read' })));
    const more = jobs.filter(({ job }) => Object.values(job.permissions ?? {}).includes('write')).map(({ id }) => id);
    expect(more).toEqual(['publish']);
  });

  it('never run the code of strangers with secrets, nor paste what people write into a shell', () => {
    for (const { name, text, workflow } of workflows) {
      expect({ name, on: Object.keys(workflow.on) }).not.toMatchObject({
        on: expect.arrayContaining(['pull_request_target']) as string[],
      });
      if ('pull_request' in workflow.on)
        expect({ name, secrets: /secrets\./.test(text) }).toEqual({ name, secrets: false });
    }
    expect(steps.filter(({ run = '' }) => run.includes('${{'))).toEqual([]);
  });

  it('touch production only in its environment, one at a time, never stopped half way', () => {
    for (const id of ['deploy', 'rollback']) {
      const { workflow } = workflows.find(({ name }) => name.endsWith(`/${id}.yml`))!;
      expect(workflow.jobs[id]?.environment).toBe('production');
      expect(workflow.concurrency).toEqual({ group: 'production', 'cancel-in-progress': false });
    }
    const release = workflows.find(({ name }) => name.endsWith('/release.yml'))!.workflow;
    expect(release.jobs.deploy?.uses).toBe('./.github/workflows/deploy.yml');
    expect(Object.keys(release.on)).toEqual(['push']);
  });

  it('run on the version of Node that package.json asks for, with a limit of time, on actions of a known version', () => {
    const [, major] = /(\d+)/.exec((JSON.parse(read('package.json')) as { engines: { node: string } }).engines.node)!;
    const versions = steps
      .filter(({ uses }) => uses?.startsWith('actions/setup-node'))
      .map((step) => step.with?.['node-version']);
    expect(versions.length).toBeGreaterThan(0);
    expect(new Set(versions)).toEqual(new Set([Number(major)]));
    for (const { job } of jobs) if (job.container) expect(job.container).toMatch(new RegExp(`^node:${major}-`));
    expect(jobs.filter(({ job }) => !job.uses && !job['timeout-minutes'])).toEqual([]);
    expect(steps.filter(({ uses }) => uses && !/@(v\d+|[0-9a-f]{40})$/.test(uses))).toEqual([]);
  });

  it('name no registry and no server: those are variables of the repository', () => {
    for (const { name, text } of workflows) {
      expect({ name, hosts: text.match(/\b(?:ghcr|docker|quay|gcr)\.io\b|\bamazonaws\b/g) }).toEqual({
        name,
        hosts: null,
      });
    }
  });
});
