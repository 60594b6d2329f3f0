/** Text from outside in the labels of drawings. */
import type { Link } from '../graph.ts'

/** Longest label, in UTF-16 units. */
const LONGEST_LABEL = 120

// Controls, separators, directional and invisible characters, halves of surrogate pairs: none of them can be seen, some are
// not allowed in XML at all, and others change how the text around them is read.
const unseen =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** `text` of a bounded length with every character that cannot be seen as `�`. */
export function shownText(text: string, longest = LONGEST_LABEL): string {
  if (text.length <= longest) return text.replace(unseen, '�')
  return `${text.slice(0, longest - 1)}…`.replace(unseen, '�')
}

/** What is written at a link. */
export function linkLabel(link: Link): string {
  switch (link.kind) {
    case 'vxlan': {
      const entries = link.details['entries']
      const macs = typeof entries === 'number' ? `, ${entries} ${entries === 1 ? 'MAC' : 'MACs'}` : ''
      return `vxlan ${link.details['vni'] ?? '?'}${macs}`
    }
    case 'tunnel':
      return String(link.details['kind'] ?? 'tunnel')
    case 'veth':
    case 'bridge-port':
      return ''
    default:
      return link.kind
  }
}
