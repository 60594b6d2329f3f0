/** A page of the catalogue in Markdown: docs/findings/CODE.md. */
import type { CatalogueEntry } from './entry.ts'
import { EXAMPLES } from './examples.ts'

const SEVERITY_WORDS = {
  error: 'an error: something does not work',
  warning: 'a warning: something will not work one day, or not well',
  info: 'a remark: worth knowing',
} as const

/** The page of an entry. */
export function cataloguePage(entry: CatalogueEntry): string {
  const example = EXAMPLES[entry.code]
  return [
    `# ${entry.code}`,
    `**${entry.title}.** Usually ${SEVERITY_WORDS[entry.severity]}.`,
    entry.meaning,
    '## How it arises',
    entry.arises.map((way) => `- ${way}`).join('\n'),
    '## How it is detected',
    entry.detected,
    '## How it is mended',
    entry.mended,
    ...(example === undefined ? [] : ['## An example', `\`\`\`text\n$ ${example.command}\n${example.output}\n\`\`\``]),
  ]
    .join('\n\n')
    .concat('\n')
}

/** The list of all pages: docs/findings/README.md. */
export function catalogueIndex(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ code, title, severity }) => `| [${code}](${code}.md) | ${title} | ${severity} |`)
  return [
    '# Findings',
    'What `netwright doctor` finds and `netwright trace` names as a cause; `netwright explain CODE` says the same.',
    ['| code | what it is | usually |', '|---|---|---|', ...rows].join('\n'),
  ]
    .join('\n\n')
    .concat('\n')
}
