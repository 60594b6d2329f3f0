/** Findings as people read them: by namespace, worst first. */
import type { Finding, FindingsDocument, Severity } from '../../../diagnose/index.ts'
import { printable } from '../../frame/escape.ts'
import type { Paint, Style } from '../../frame/terminal.ts'
import { wrapped } from '../../frame/text.ts'

/** Remarks that a page has room for; the JSON document has all. */
const MOST_REMARKS = 5
/** Names of a namespace in a heading. */
const MOST_NAMES = 3

const MARKS: Readonly<Record<Severity, { readonly mark: string; readonly style: Style }>> = {
  error: { mark: '✗ error', style: 'red' },
  warning: { mark: '! warning', style: 'yellow' },
  info: { mark: '· remark', style: 'dim' },
}

/** What the page looks like. */
export interface PageStyle {
  readonly paint: Paint
  readonly columns: number
}

/** The whole page. */
export function findingsPage(
  document: Pick<FindingsDocument, 'findings' | 'checks' | 'milliseconds'>,
  style: PageStyle,
): string {
  const remarks = document.findings.filter(({ severity }) => severity === 'info')
  const shown = [...document.findings.filter(({ severity }) => severity !== 'info'), ...remarks.slice(0, MOST_REMARKS)]
  const sections = [...byNamespace(shown)].map(([heading, group]) => {
    return `${style.paint('bold', heading)}\n${group.map((finding) => findingText(finding, style)).join('\n')}`
  })
  const left = remarks.length - MOST_REMARKS
  const rest = left > 0 ? [`and ${left} more remarks; --json has them.\n`] : []
  return [...sections, ...rest, summaryLine(document, style)].join('\n')
}

/** In the order in which namespaces first come up, which is that of the worst finding. */
function byNamespace(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const heading = placeName(finding.subject)
    const group = groups.get(heading)
    if (group === undefined) groups.set(heading, [finding])
    else group.push(finding)
  }
  return groups
}

/** What people call the place that a finding is about. */
export function placeName(subject: Finding['subject']): string {
  const names = subject.names.slice(0, MOST_NAMES).map((name) => printable(name, 60))
  const more = subject.names.length > MOST_NAMES ? ', …' : ''
  return `${names.join(', ')}${more}` || 'this host'
}

/** One finding: what is wrong, what it stands on, what mends it. */
export function findingText(finding: Finding, { paint, columns }: PageStyle): string {
  const { mark, style } = MARKS[finding.severity]
  const lines = [
    `  ${paint(style, mark)}  ${paint('bold', finding.code)}`,
    wrapped(printable(finding.summary, 2000), columns, 4),
    ...finding.evidence
      .slice(0, 6)
      .map((evidence) => paint('dim', wrapped(`- ${printable(evidence.fact, 500)} (${evidence.source})`, columns, 4))),
  ]
  if (finding.fix !== null) {
    lines.push(
      wrapped(
        `Mend: ${printable(finding.fix.summary, 500)}${finding.fix.safe ? '' : ' This could hurt; it is done only when you name it.'}`,
        columns,
        4,
      ),
    )
    // Commands are for pasting: they are never wrapped.
    lines.push(...finding.fix.commands.map((command) => `      ${paint('cyan', printable(command, 4096))}`))
  }
  return `${lines.join('\n')}\n`
}

function summaryLine(
  { findings, checks, milliseconds }: Pick<FindingsDocument, 'findings' | 'checks' | 'milliseconds'>,
  { paint }: PageStyle,
): string {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length
  const [errors, warnings, remarks] = [count('error'), count('warning'), count('info')]
  const checked = `${checks} checks in ${Math.round(milliseconds)} ms`
  if (errors + warnings === 0) {
    const noted = remarks === 0 ? '' : `, ${plural(remarks, 'remark')}`
    return `${paint('green', 'Nothing is wrong')}${noted} (${checked}).\n`
  }
  const counts = [
    ...(errors > 0 ? [paint('red', plural(errors, 'error'))] : []),
    ...(warnings > 0 ? [paint('yellow', plural(warnings, 'warning'))] : []),
    ...(remarks > 0 ? [plural(remarks, 'remark')] : []),
  ]
  return `${counts.join(', ')} (${checked}). netwright explain CODE says more about each.\n`
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
