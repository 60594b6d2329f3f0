/** Names in /run/netns that lead nowhere, or not where they should; and those that are missing. */
import { examineNames, NameRecords, type NameReport, stateDirectory } from '../../../host/index.ts'
import type { Fix } from '../../finding.ts'
import { shellWord } from '../../remedy/command-line.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { fact, subjectOf } from '../words.ts'

/** `netns-reference-stale`, `netns-reference-missing` */
export const names: Check = {
  codes: ['netns-reference-stale', 'netns-reference-missing'],
  examine(examination) {
    const { graph } = examination.scene
    const reports = examineNames(graph, new NameRecords(stateDirectory(examination.environment)))
    return [
      ...reports.filter(({ stale }) => stale).map((report) => stale(report, examination)),
      ...missing(examination),
    ]
  },
}

const DIRECTORY = '/run/netns'

function stale(report: NameReport, { scene }: Examination): Diagnosis {
  const { name, rightful } = report
  const owner = rightful?.owner.name
  return {
    finding: {
      code: 'netns-reference-stale',
      // What uses the name fails, or works on somebody else's network.
      severity: report.condition === 'plain-file' ? 'warning' : 'error',
      subject: { namespace: report.inode, names: owner === undefined || owner === name ? [name] : [name, owner] },
      summary: `The name ${name} in ${DIRECTORY} is stale: ${report.summary}.`,
      evidence: [fact(`${DIRECTORY}/${name}: ${report.summary}`, 'procfs')],
      fix: report.obstacle === null ? mend(report, scene.graph) : null,
    },
  }
}

/** The name is removed; where it is known whose it is, it is made to lead there, by a mount that no process number can betray. */
function mend(report: NameReport, graph: Examination['scene']['graph']): Fix {
  const path = shellWord(`${DIRECTORY}/${report.name}`)
  const isMount = report.entry.kind === 'mount'
  const removal = isMount ? [`umount ${path}`, `rm ${path}`] : [`rm ${path}`]
  const node = graph.namespaces.find(({ inode }) => inode === report.rightful?.inode)
  const pid = node?.pids[0]
  if (report.rightful === null || pid === undefined) {
    return { safe: true, summary: `Remove the name ${report.name}.`, commands: removal }
  }
  return {
    safe: true,
    summary: `Let ${report.name} lead to ${report.rightful.label}.`,
    commands: [...removal, `ip netns attach ${shellWord(report.name)} ${pid}`],
  }
}

/**
 * Containerlab gives its nodes names, which others then rely on. Docker and Podman give none, and nothing is wrong with that:
 * ip-netns(8) merely cannot see them.
 */
function missing({ scene }: Examination): Diagnosis[] {
  const taken = new Set(scene.graph.namespaces.flatMap((node) => node.names))
  return scene.places().flatMap((place): Diagnosis[] => {
    const { node } = place
    const owner = node.owners.find(({ labels }) => labels['containerlab'] !== undefined)
    const container = node.owners.find(({ runtime }) => runtime === 'docker')
    const name = owner?.labels['clab-node-longname'] ?? container?.name
    const pid = node.pids[0]
    if (node.role !== 'container' && node.role !== 'lab-node') return []
    if (name === undefined || node.names.length > 0 || taken.has(name) || pid === undefined || !/^[\w.-]+$/.test(name))
      return []
    const promised = owner !== undefined
    return [
      {
        finding: {
          code: 'netns-reference-missing',
          severity: promised ? 'warning' : 'info',
          subject: subjectOf(place),
          summary: promised
            ? `${place.label} has no name in ${DIRECTORY}, although containerlab gave it one: ip netns cannot reach it.`
            : `${place.label} has no name in ${DIRECTORY}: ip netns list does not show it.`,
          evidence: [fact(`no entry of ${DIRECTORY} leads to namespace ${place.inode}`, 'procfs')],
          fix: {
            safe: true,
            summary: `Give it the name ${name}.`,
            commands: [`ip netns attach ${shellWord(name)} ${pid}`],
          },
        },
      },
    ]
  })
}
