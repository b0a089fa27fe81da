import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { brokenLinks, fences, filesBelow, inlineCode, isMarkdown, read, ROOT, tableAfter } from './documents.js';

/** The headings of the operators' guide, in its order. */
const GUIDE = `
Production Deployment Guide
Overview
Production Architecture
Multi-Server Deployment Strategy
1. Infrastructure Layer
2. Application Services Layer
3. Data Layer
Deployment Strategies
1. Single Server Deployment
2. Service-per-Server Deployment
3. Multi-Server with Load Balancing
4. Kubernetes Deployment
Production Configuration
Environment Variables for Production
Production Docker Compose
Service Discovery and Load Balancing
1. NGINX Load Balancer Configuration
2. Service Discovery with Consul
Database Deployment Strategies
1. Database per Service on Separate Servers
2. Shared Database Cluster
3. Database Sharding
Scaling Strategies
1. Horizontal Scaling
2. Auto Scaling with Kubernetes
3. Load Testing and Capacity Planning
Monitoring and Observability
1. Application Monitoring
2. Log Aggregation
Security Considerations
1. Network Security
2. SSL/TLS Configuration
3. Database Security
Deployment Automation
1. CI/CD Pipeline
2. Blue-Green Deployment
Cost Optimization
1. Resource Allocation
2. Auto Scaling Policies
`;

/** What compose files, scripts and programs of others read, and settings cannot declare. */
const NOT_OURS = [
  'HTTP_PORT HTTPS_PORT NAKKU_VERSION SECRETS_DIR NGINX_UPSTREAM_DIR NGINX_CONF NAKKU_STATE NAKKU_RENDERED NAKKU_PROJECT',
  'SMOKE_EMAIL SMOKE_PASSWORD SMOKE_LAT SMOKE_LNG SMOKE_QUERY SMOKE_PAYMENT SMOKE_URL PRINT SECRETS API_GATEWAY SOURCE_PASSWORD',
]
  .join(' ')
  .split(' ');

interface Topology {
  processes: { name: string; resources?: { memoryMb: number; cpu: number } }[];
}

const PAGES = filesBelow('docs/operations').filter(isMarkdown);
const ALL_PAGES = ['README.md', ...['docs', 'apps', 'docker', 'test'].flatMap(filesBelow).filter(isMarkdown)];
/** Upper case that is no variable: codes of errors. */
const CODES = ['BODY_TOO_LARGE', 'UNAVAILABLE', 'ZONE_OVERLAPS'];
const CLI = 'apps/nakku/src/cli.ts';
const code = (page: string) => [...fences(read(page)), ...inlineCode(read(page))];
const eachIn = (pages: string[], find: (text: string) => string[]) =>
  pages.flatMap((page) => code(page).flatMap((text) => find(text).map((found) => ({ page, found }))));

describe('the pages for operators', () => {
  it('answer every heading of the guide, in its order, with what implements it and what proves it', () => {
    const rows = tableAfter(read('docs/operations/README.md'), '## The deployment guide, heading by heading');
    expect(rows.map(([heading]) => heading)).toEqual(GUIDE.trim().split('\n'));
    const unlinked = rows.filter(([, implemented = '', proved = '']) => implemented === '' || !proved.includes(']('));
    expect(unlinked).toEqual([]);
  });

  it('have no link that leads nowhere, nor has any other page', () => {
    expect(ALL_PAGES.length).toBeGreaterThan(30);
    expect([...new Set(ALL_PAGES.flatMap(brokenLinks))].sort()).toEqual([]);
  });

  it('name no file of the project that is not there', () => {
    const named = eachIn(['README.md', 'docker/README.md', ...PAGES], (text) =>
      [...text.matchAll(/(?<![\w./<-]|exec )(?:deploy|docker|docs|apps|libs|test|tools)\/[\w./@*<>{},…-]*[\w}]/g)].map(
        ([path]) => path,
      ),
    );
    const fixed = named.filter(({ found }) => !/[*<>{},…]|\/(secrets|state|\.env)(\/|$)/.test(found));
    expect(fixed.length).toBeGreaterThan(50);
    const missing = fixed.map(({ found }) => found).filter((path) => !existsSync(join(ROOT, path)));
    expect([...new Set(missing)].sort()).toEqual([]);
  });

  it('name no variable that nobody reads', () => {
    // test/architecture/structure.spec.ts holds this file against what the code declares.
    const documented = [...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!);
    const declared = new Set([...documented, ...NOT_OURS]);
    const ofOneDomain = new RegExp(`^(?:${readdirSync(join(ROOT, 'apps')).join('|').toUpperCase()})_(?=DB_)`);
    const known = (name: string) =>
      [name, name.replace(ofOneDomain, '')].some((one) => declared.has(one) || declared.has(one.replace(/_FILE$/, '')));
    const named = eachIn(PAGES, (text) =>
      [...text.matchAll(/(?<![\w<>$-])([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?==| |$|\n|`)/g)].map(([, name]) => name!),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ found }) => !known(found) && !CODES.includes(found))).toEqual([]);
  });

  it('name no command that the command line does not have', () => {
    const sources = [CLI, ...filesBelow('apps/nakku/src/cli')].filter((path) => !path.includes('.spec.'));
    const declared = sources.flatMap((path) =>
      [...read(path).matchAll(/\.command\(\s*'([\w-]+)/g)].map(([, name]) => name!),
    );
    const groups = ['topology', 'migrate', 'admin', 'dead-letters', 'secrets'];
    const used = eachIn(ALL_PAGES, (text) =>
      [...text.matchAll(/(?:^|npx |`)nakku ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?/gm)]
        .filter(([whole]) => !/(namespace|-n|install|upgrade|rollback|-p|mkdir|create|enable --now) nakku/.test(whole))
        .flatMap(([, command, sub]) => [command!, ...(sub && groups.includes(command!) ? [sub] : [])]),
    );
    expect(used.filter(({ found }) => !declared.includes(found))).toEqual([]);
  });

  it('promise the sizes of the guide, which the topologies have', () => {
    const sizes = { gateway: [512, 0.5], user: [256, 0.25], product: [256, 0.25], order: [512, 0.5], cart: [128, 0.1] };
    for (const topology of ['service-per-server', 'clustered', 'sharded', 'kubernetes']) {
      const { processes } = parse(read(`deploy/topologies/${topology}.yaml`)) as Topology;
      for (const [service, [memoryMb, cpu]] of Object.entries(sizes)) {
        const found = processes.find(({ name }) => name === service)?.resources;
        expect({ topology, service, ...found }).toEqual({ topology, service, memoryMb, cpu });
      }
    }
  });
});
