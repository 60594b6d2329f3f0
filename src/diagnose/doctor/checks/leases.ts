/** Addresses that are booked for containers which are not there. */
import type { RecordedLease } from '../../intent/intent.ts'
import { shellWord } from '../../remedy/command-line.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { groupBy } from '../group-by.ts'
import { fact, listed } from '../words.ts'

/** `lease-stale` */
export const leases: Check = {
  codes: ['lease-stale'],
  examine(examination) {
    const stale = examination.intent.leases.filter((lease) => isStale(lease, examination))
    return [...groupBy(stale, ({ network }) => network)].map(([network, rows]) => diagnosis(network, rows))
  },
}

/** Neither does anybody have the address, nor is the container known under that id to anybody. */
function isStale({ address, holder }: RecordedLease, { wiring, scene }: Examination): boolean {
  if (wiring.interfaces.some(({ allAddresses }) => allAddresses.some((own) => own.address === address))) return false
  return !scene.graph.namespaces.some(
    ({ owners, names, mounts }) =>
      owners.some(({ id }) => id !== '' && (holder.startsWith(id) || id.startsWith(holder))) ||
      names.some((name) => holder.includes(name)) ||
      mounts.some((mount) => mount.includes(holder)),
  )
}

function diagnosis(network: string, rows: readonly RecordedLease[]): Diagnosis {
  const addresses = listed(rows.map(({ address }) => address))
  const one = rows.length === 1
  return {
    finding: {
      code: 'lease-stale',
      severity: 'warning',
      subject: { namespace: null, names: [network] },
      summary: `${addresses} of network ${network} ${one ? 'is' : 'are'} booked for ${one ? 'a container' : 'containers'} that ${one ? 'does' : 'do'} not exist any more.`,
      evidence: rows
        .slice(0, 8)
        .map(({ file, holder }) => fact(`${file} books it for ${holder.slice(0, 80)}; nobody has it`, 'file')),
      fix: {
        safe: false,
        summary: `Give ${addresses} free again.`,
        commands: rows.map(({ file }) => `rm ${shellWord(file)}`),
      },
    },
  }
}
