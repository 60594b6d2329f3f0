/** The ways that a runtime promises: from containers to the world outside, and from published ports to containers. */

import type { HookOutcome } from '../../filter/filter-rules.ts'
import type { Fix } from '../../finding.ts'
import type { PublishedPort, WantedContainer, WantedNetwork } from '../../intent/intent.ts'
import { ruleWords } from '../../path/hooks.ts'
import { commandIn } from '../../remedy/command-line.ts'
import { fixMasqueradeMissing } from '../../remedy/nat-fix.ts'
import { fixOfRule } from '../../remedy/rule-fix.ts'
import type { Place } from '../../scene/place.ts'
import { type Check, type Diagnosis, type Examination, ruleKey } from '../examination.ts'
import { groupBy } from '../group-by.ts'
import type { Interface } from '../interface.ts'
import { askRules, firstPacket, type Uplink, uplinkOf } from '../rule-question.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `filtered`, `nat-missing`, `nat-target-missing` */
export const containerWays: Check = {
  codes: ['filtered', 'nat-missing', 'nat-target-missing'],
  examine(examination) {
    const { intent, scene } = examination
    const places = new Map(scene.places().map((place) => [place.inode, place]))
    const hosts = new Set(intent.networks.map(({ hostNamespace }) => hostNamespace))
    return [...hosts].flatMap((inode) => {
      const place = inode === null ? undefined : places.get(inode)
      return place === undefined ? [] : examineHost(place, examination)
    })
  },
}

/** Somebody far away, of addresses that are for documentation only (RFC 5737). */
const FAR_AWAY = '198.51.100.7'

function examineHost(place: Place, examination: Examination): Diagnosis[] {
  const networks = examination.intent.networks.filter(
    ({ hostNamespace, driver }) => hostNamespace === place.inode && driver === 'bridge',
  )
  const inner = new Set(networks.flatMap(({ bridgeName }) => bridgeName ?? []))
  const uplink = uplinkOf(place, 'ipv4', inner, examination.wiring)
  if (uplink === undefined || isUnread(place, examination)) return []
  const members = groupBy(
    examination.intent.containers.flatMap((container) =>
      container.endpoints.map((endpoint) => ({ container, endpoint })),
    ),
    ({ endpoint }) => endpoint.networkId,
  )
  const outward = networks.flatMap(
    (network) => wayOut(place, network, members.get(network.id) ?? [], uplink, examination) ?? [],
  )
  const inward = examination.intent.containers
    .filter(({ hostNamespace }) => hostNamespace === place.inode)
    .flatMap((container) => container.ports.flatMap((port) => wayIn(place, container, port, uplink, examination) ?? []))
  return joined([...outward, ...inward])
}

/** Rules that could not be read are not rules that are missing. */
function isUnread({ filters, label }: Place, { scene }: Examination): boolean {
  return (
    filters.warnings.length > 0 ||
    scene.warnings.some((warning) => warning.startsWith(`the filter rules of ${label} cannot`))
  )
}

/** After a flush everything is missing at once: that is one finding for each kind, not one for each network and port. */
function joined(diagnoses: readonly Diagnosis[]): Diagnosis[] {
  return [
    ...groupBy(diagnoses, ({ finding }) => `${finding.code} ${finding.severity} ${rootOf(finding)}`).values(),
  ].map((group) => {
    const [first, ...others] = group.map(({ finding }) => finding)
    if (others.length === 0) return { finding: first! }
    const all = [first!, ...others]
    const fixes = all.flatMap(({ fix }) => fix ?? [])
    const commands = [...new Set(fixes.flatMap((fix) => fix.commands))]
    return {
      finding: {
        ...first!,
        summary: `${first!.summary} So it is with ${others.length} other ${others.length === 1 ? 'network or port' : 'networks and ports'}.`,
        evidence: all
          .flatMap(({ evidence }) => evidence)
          .filter((one, i, list) => list.findIndex(({ fact: text }) => text === one.fact) === i),
        fix: commands.length === 0 ? null : { ...fixes[0]!, commands },
      },
    }
  })
}

/** Findings of one rule, or of missing rules, have one root. */
function rootOf({ code, evidence }: Diagnosis['finding']): string {
  return code === 'nat-missing' ? '' : (evidence[0]?.fact ?? '')
}

interface Member {
  readonly container: WantedContainer
  readonly endpoint: WantedContainer['endpoints'][number]
}

/** A container of a network sends to somebody outside. */
function wayOut(
  place: Place,
  network: WantedNetwork,
  members: readonly Member[],
  uplink: Uplink,
  examination: Examination,
): Diagnosis | undefined {
  const bridge = examination.wiring.of(place.inode).find(({ name }) => name === network.bridgeName)
  const member = members.find(({ endpoint }) => endpoint.addresses.some((address) => !address.includes(':')))
  if (network.internal || bridge === undefined || member === undefined) return undefined
  const source = member.endpoint.addresses.find((address) => !address.includes(':'))!.split('/')[0]!
  const packet = firstPacket({ source, destination: FAR_AWAY, protocol: 'tcp', destinationPort: 443 })
  const arrived = askRules(place, { hook: 'prerouting', packet, input: bridge })
  const forwarded =
    arrived.verdict === 'accept'
      ? askRules(place, {
          hook: 'forward',
          packet: arrived.packet,
          flow: arrived.flow,
          input: bridge,
          output: uplink.out,
        })
      : arrived
  if (forwarded.verdict === 'drop' || forwarded.verdict === 'reject') {
    return filtered(
      place,
      forwarded,
      `what containers of network ${network.name} send to the world outside`,
      bridge,
      examination,
    )
  }
  const left = askRules(place, {
    hook: 'postrouting',
    packet: forwarded.packet,
    output: uplink.out,
    flow: forwarded.flow,
  })
  const translated = left.translations.some(({ kind }) => kind === 'masquerade' || kind === 'snat')
  if (!network.masquerade || translated) return undefined
  const subnet = network.subnets.find((candidate) => !candidate.includes(':')) ?? `${source}/32`
  return {
    finding: {
      code: 'nat-missing',
      severity: 'error',
      subject: subjectOf(place, bridge),
      summary: `Containers of network ${network.name} leave ${place.label} through ${uplink.out.name} with their own addresses (${subnet}), which nobody outside can answer: no rule masquerades them any more.`,
      evidence: [
        fact(`docker wants the addresses of network ${network.name} masqueraded`, 'docker'),
        fact(`no rule of ${place.label} translates ${source} on its way out by ${uplink.out.name}`, 'nftables'),
      ],
      fix: masquerade(place, subnet, bridge, uplink, examination),
    },
  }
}

/** A rule in a table of its own, so that it does not get into the way of what Docker writes when it is next started. */
function masquerade(place: Place, source: string, bridge: Interface, uplink: Uplink, { scene }: Examination): Fix {
  const fix = fixMasqueradeMissing(place, scene.home, {
    family: 'ip',
    table: 'netwright_mend',
    chain: 'postrouting',
    source,
    output: uplink.out.name,
  })
  return {
    ...fix,
    summary: `Masquerade ${source} (bridge ${bridge.name}) until Docker is restarted and writes its own rules anew.`,
  }
}

function filtered(
  place: Place,
  outcome: HookOutcome,
  what: string,
  bridge: Interface,
  { scene }: Examination,
): Diagnosis {
  const { rule } = outcome
  const words = rule === undefined ? 'a filter' : ruleWords(rule)
  return {
    finding: {
      code: 'filtered',
      severity: 'error',
      subject: subjectOf(place, bridge),
      summary: `In ${place.label}, ${words} ${outcome.verdict === 'reject' ? 'rejects' : 'drops'} ${what}.`,
      evidence: [
        fact(
          rule === undefined ? `${words} of ${place.label}` : `${words}: ${rule.text}`,
          rule?.backend === 'iptables-legacy' ? 'iptables-legacy' : 'nftables',
        ),
      ],
      fix: rule === undefined ? null : fixOfRule(place, scene.home, rule),
    },
  }
}

/** Somebody outside asks for a published port. */
function wayIn(
  place: Place,
  container: WantedContainer,
  port: PublishedPort,
  uplink: Uplink,
  examination: Examination,
): Diagnosis | undefined {
  // What is published on a loopback address is for the host alone, by docker-proxy or its rules for own packets.
  if (port.protocol === 'sctp' || port.hostAddress.includes(':') || port.hostAddress.startsWith('127.'))
    return undefined
  const destination = port.hostAddress === '0.0.0.0' ? uplink.own : port.hostAddress
  const addresses = container.endpoints.flatMap((endpoint) =>
    endpoint.addresses.map((address) => address.split('/')[0]!),
  )
  const target = addresses.find((address) => !address.includes(':'))
  if (target === undefined || target === '') return undefined
  const packet = firstPacket({
    source: uplink.other,
    destination,
    protocol: port.protocol,
    destinationPort: port.hostPort,
  })
  const arrived = askRules(place, { hook: 'prerouting', packet, input: uplink.out })
  const words = `${port.hostPort}/${port.protocol}`
  if (arrived.verdict === 'drop' || arrived.verdict === 'reject') {
    return filtered(
      place,
      arrived,
      `what comes for port ${words} of container ${container.name}`,
      uplink.out,
      examination,
    )
  }
  const translation = arrived.translations.find(({ kind }) => kind === 'dnat' || kind === 'redirect')
  if (translation === undefined) return untranslated(place, container, port, target, uplink, examination)
  const to = arrived.packet
  if (!addresses.includes(to.destination))
    return wrongTarget(place, container, port, to.destination, translation.rule, examination)
  const answer = place.lookUpRoute({ destination: to.destination })
  const output = answer.kind === 'unicast' ? examination.wiring.get(place.inode, answer.output) : undefined
  if (output === undefined) return undefined
  const forwarded = askRules(place, { hook: 'forward', packet: to, input: uplink.out, output, flow: arrived.flow })
  if (forwarded.verdict !== 'drop' && forwarded.verdict !== 'reject') return undefined
  return filtered(place, forwarded, `what comes for port ${words} of container ${container.name}`, output, examination)
}

/** No rule leads to the container. Docker's helper may still carry connections over, one process for each port. */
function untranslated(
  place: Place,
  container: WantedContainer,
  port: PublishedPort,
  target: string,
  uplink: Uplink,
  examination: Examination,
): Diagnosis {
  const carried = place.sockets.some(
    ({ protocol, local, state }) =>
      protocol === port.protocol && local.port === port.hostPort && (protocol === 'udp' || state === 'LISTEN'),
  )
  return {
    finding: {
      code: 'nat-missing',
      severity: carried ? 'warning' : 'error',
      subject: subjectOf(place, uplink.out),
      summary: carried
        ? `No rule leads port ${port.hostPort}/${port.protocol} of ${place.label} to container ${container.name} any more; only Docker’s helper process still carries it over, and hides who is asking.`
        : `No rule leads port ${port.hostPort}/${port.protocol} of ${place.label} to container ${container.name} any more: nobody outside reaches it.`,
      evidence: [
        fact(
          `docker publishes port ${port.containerPort}/${port.protocol} of ${container.name} as ${port.hostAddress}:${port.hostPort}`,
          'docker',
        ),
        fact(
          `no rule of ${place.label} translates what comes for ${port.hostPort}/${port.protocol} by ${uplink.out.name}`,
          'nftables',
        ),
      ],
      fix: redirect(place, port, target, examination),
    },
  }
}

function redirect(place: Place, port: PublishedPort, target: string, { scene }: Examination): Fix {
  const nft = (...words: string[]): string => commandIn(place, scene.home, ['nft', ...words])
  const table = ['ip', 'netwright_mend']
  const local = port.hostAddress === '0.0.0.0' ? ['fib', 'daddr', 'type', 'local'] : ['ip', 'daddr', port.hostAddress]
  const to = ['dnat', 'to', `${target}:${port.containerPort}`]
  return {
    safe: true,
    summary: `Lead the port to ${target}:${port.containerPort} until Docker is restarted and writes its own rules anew.`,
    commands: [
      nft('add', 'table', ...table),
      nft('add', 'chain', ...table, 'prerouting', '{ type nat hook prerouting priority dstnat ; }'),
      nft('add', 'rule', ...table, 'prerouting', ...local, port.protocol, 'dport', String(port.hostPort), ...to),
    ],
  }
}

function wrongTarget(
  place: Place,
  container: WantedContainer,
  port: PublishedPort,
  found: string,
  rule: HookOutcome['translations'][number]['rule'],
  { wiring, scene, reportedRules }: Examination,
): Diagnosis {
  if (rule !== null) reportedRules.add(ruleKey(place, rule))
  const holder = wiring.interfaces.find(
    (one) => one.place.inode !== place.inode && one.addresses.some(({ address }) => address === found),
  )
  const wanted = listed(
    container.endpoints.flatMap(({ addresses }) => addresses.map((address) => address.split('/')[0]!)),
  )
  return {
    finding: {
      code: 'nat-target-missing',
      severity: 'error',
      subject: subjectOf(place),
      summary: `Port ${port.hostPort}/${port.protocol} of ${place.label} is redirected to ${found}, which ${holder === undefined ? 'nobody has' : `is ${called(holder)}`}; container ${container.name}, for which it is published, has ${wanted}.`,
      evidence: [
        ...(rule === null ? [] : [fact(`${ruleWords(rule)}: ${rule.text}`, 'nftables')]),
        fact(
          `docker publishes port ${port.containerPort}/${port.protocol} of ${container.name} at ${wanted}`,
          'docker',
        ),
      ],
      fix: rule === null ? null : fixOfRule(place, scene.home, rule),
    },
  }
}
