/** Nodes of containerlab, which labels the containers that it has its runtime make (containerlab.dev, "Container labels"). */
import type { Owner } from '../graph.ts'

const LAB = 'containerlab'
const NODE = 'clab-node-name'
const NODE_KIND = 'clab-node-kind'

/** The node that a container's labels tell of. Its id is `LAB/NODE`. */
export function containerlabNode(labels: Readonly<Record<string, string>>): Owner | undefined {
  const lab = labels[LAB]
  const node = labels[NODE]
  if (lab === undefined || node === undefined) return undefined
  const kind = labels[NODE_KIND]
  return {
    runtime: 'containerlab',
    id: `${lab}/${node}`,
    name: node,
    labels: { [LAB]: lab, [NODE]: node, ...(kind === undefined ? {} : { [NODE_KIND]: kind }) },
  }
}
