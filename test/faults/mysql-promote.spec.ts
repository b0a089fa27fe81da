import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = join(__dirname, '..', '..', 'deploy', 'backup', 'mysql-promote.sh');
const run = (...options: string[]) =>
  promisify(execFile)(SCRIPT, options).then(
    ({ stdout }) => stdout,
    ({ stderr }: { stderr: string }) => stderr,
  );

/** What it does to containers is shown by deploy/verify/faults.sh -t primary. */
describe('mysql-promote.sh', () => {
  it('touches nothing before it knows which deployment is meant', async () => {
    expect(await run()).toContain('--file must name the compose file of the deployment');
    expect(await run('--file', 'no/such/file.yml')).toContain('no/such/file.yml cannot be read');
    expect(await run('--force', 'yes')).toContain('does not know --force');
    expect(await run('--file')).toContain('--file needs a value');
  });

  it('tells how it is used', async () => {
    expect(await run('--help')).toMatch(
      /^mysql-promote.sh --file COMPOSE_FILE[\s\S]*For MySQL; on MariaDB restore a backup.\n$/,
    );
  });
});
