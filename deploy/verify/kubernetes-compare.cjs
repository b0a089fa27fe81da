// Whether what `helm template` has written (stdin) is what the plain manifests of a folder say. Exits 1 and names what differs.
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { isDeepStrictEqual } = require('node:util');
const { parseAllDocuments } = require('yaml');

/** The namespace must be there before Helm has anything to write to. */
const NOT_OF_THE_CHART = ['Namespace'];

function objectsIn(text, from) {
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(`${from}: ${document.errors[0].message}`);
    const object = document.toJS();
    return object && !NOT_OF_THE_CHART.includes(object.kind)
      ? [[`${object.kind}/${object.metadata.name}`, object]]
      : [];
  });
}

function differences(one, other, path = '') {
  if (isDeepStrictEqual(one, other)) return [];
  const nested = [one, other].every((side) => side !== null && typeof side === 'object');
  if (!nested) return [`${path}: ${JSON.stringify(one)} in the manifests, ${JSON.stringify(other)} in the chart`];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
    differences(one[key], other[key], `${path}.${key}`),
  );
}

const [folder] = process.argv.slice(2);
if (!folder) {
  process.stderr.write('Usage: helm template ... | node kubernetes-compare.cjs FOLDER\n');
  process.exit(2);
}
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const plain = files.flatMap((name) => objectsIn(readFileSync(join(folder, name), 'utf8'), name));
const chart = objectsIn(readFileSync(0, 'utf8'), 'the chart');
const [left, right] = [plain, chart].map((rows) => Object.fromEntries(rows));
const found = differences(left, right);
for (const line of found) process.stdout.write(`${line}\n`);
if (plain.length !== Object.keys(left).length) found.push('twice');
process.stdout.write(
  `${plain.length} objects in the manifests, ${chart.length} in the chart, ${found.length} differences\n`,
);
process.exitCode = found.length > 0 || chart.length === 0 ? 1 : 0;
