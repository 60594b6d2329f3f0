/** `tests:` of a lab file: “PC1 reaches PC3”, “PC1 reaches web tcp 80”, “guest cannot reach db”, “all reach all”. */
import type { LabFile, Value } from './lab-file.ts'
import { didYouMean } from './near-miss.ts'
import type { Expectation } from './topology.ts'

const SENTENCE = /^(\S+)\s+(reach(?:es)?|cannot reach)\s+(\S+)(?:\s+(tcp|udp)\s+(\d{1,5}))?$/

/** Reads the expectations. @param hosts nodes that can ask and be asked, which `all` stands for */
export function readExpectations(file: LabFile, value: Value, hosts: readonly string[]): readonly Expectation[] {
  return file.items(value, 'tests').flatMap((item) => {
    const text = file.text(item, 'a test')
    const [, from, verb, to, protocol, port] = SENTENCE.exec(text?.trim() ?? '') ?? []
    if (from === undefined || to === undefined) {
      file.mistake(
        item,
        'a test is a sentence like “PC1 reaches PC3”, “PC1 reaches web tcp 80” or “guest cannot reach db”',
      )
      return []
    }
    if (from !== 'all' && !hosts.includes(from)) {
      file.mistake(item, `there is no node ${from}${didYouMean(from, hosts)} that could ask`)
      return []
    }
    if (!/[.:]/.test(to) && to !== 'all' && !hosts.includes(to)) {
      file.mistake(
        item,
        `there is no node ${to}${didYouMean(to, hosts)}; an address or a name with a dot may stand here too`,
      )
      return []
    }
    const rest = {
      protocol: (protocol ?? 'icmp') as Expectation['protocol'],
      port: port === undefined ? undefined : Number(port),
      reaches: verb !== 'cannot reach',
      position: file.positionOf(item),
    }
    const each = (word: string) => (word === 'all' ? hosts : [word])
    return each(from).flatMap((asking) =>
      each(to)
        .filter((asked) => asked !== asking)
        .map((asked) => ({ from: asking, to: asked, ...rest })),
    )
  })
}
