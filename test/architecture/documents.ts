import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const ROOT = join(__dirname, '..', '..');
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The paths of all files below a folder of the project, as far as git would keep them. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist') return [];
    return statSync(join(ROOT, path)).isDirectory() ? filesBelow(path) : [path];
  });

export const isMarkdown = (path: string): boolean => path.endsWith('.md');

/** The text of every fenced block; of those in this language, if one is given. */
export const fences = (markdown: string, language = '\\w*'): string[] =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text!);

/** What stands between backticks within lines. */
export const inlineCode = (markdown: string): string[] =>
  [...withoutFences(markdown).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!);

const withoutFences = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```/gm, '');

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (markdown: string): string[] =>
  [...withoutFences(markdown).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );

/** Where links of a page lead that lead nowhere: files that are not there, or headings that their page does not have. */
export function brokenLinks(page: string): string[] {
  const targets = [...withoutFences(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { file: path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path)), anchor };
    })
    .filter(
      ({ file, anchor }) =>
        !existsSync(join(ROOT, file)) || (anchor !== undefined && !anchorsOf(read(file)).includes(anchor)),
    )
    .map(({ file, anchor }) => (existsSync(join(ROOT, file)) ? `${page} links to ${file}#${anchor}` : file));
}

/** The cells of each row of the table that begins with this heading, links and all. */
export function tableAfter(markdown: string, heading: string): string[][] {
  const [, after = ''] = markdown.split(`\n${heading}\n`);
  const rows = after.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
