/**
 * Passage through Docker's own filter. dockerd sets the policy of iptables' FORWARD chain to DROP, and switches br_netfilter on,
 * which sends even frames within a bridge through that chain; so nothing of a network that is not Docker's own gets through.
 * What its administrator wants to pass goes into the chain DOCKER-USER, which Docker leaves alone: that is where a network's
 * rules are put, marked with its id. To accept there decides nothing else: the bridge driver's table filters after it, and
 * traffic to Docker's own bridges passes through Docker's isolation first, where Docker has it.
 *
 * iptables over nftables is reached here (iptables-nft, the default of Debian, Fedora and RHEL). Where Docker writes with
 * iptables-legacy, or does not filter at all, there is no such chain.
 */
import {
  hasCode,
  type NamespaceHandle,
  Nftables,
  type NftCommand,
  type NftExpression,
  type NftObject,
  type NftStatement,
} from '../../kernel/index.ts'

const families = ['ip', 'ip6'] as const
type Family = (typeof families)[number]
const TABLE = 'filter'
const CHAIN = 'DOCKER-USER'
/** Drops what goes to one of Docker's bridges, and returns everything else. */
const ISOLATION = 'DOCKER-ISOLATION-STAGE-2'

/** Docker's chain in one namespace. Close it. */
export class DockerUserChain {
  readonly #host: NamespaceHandle
  #nftables: Nftables | undefined

  constructor(host: NamespaceHandle) {
    this.#host = host
  }

  /** Lets a network's traffic pass, where Docker filters and does not let it pass already. */
  admit(networkId: string, bridge: string): void {
    for (const family of families) {
      const rules = this.#rulesOf(family, CHAIN)
      if (rules === undefined || rules.some(({ comment }) => comment === markOf(networkId))) continue
      const isolated = this.#rulesOf(family, ISOLATION) !== undefined
      this.#run(passage(family, networkId, bridge, isolated))
    }
  }

  /** Takes a network's rules away. */
  expel(networkId: string): void {
    for (const family of families) {
      const own = (this.#rulesOf(family, CHAIN) ?? []).filter(({ comment }) => comment === markOf(networkId))
      const at = { family, table: TABLE, chain: CHAIN }
      this.#run(own.flatMap(({ handle }) => (handle === undefined ? [] : [{ delete: { rule: { ...at, handle } } }])))
    }
  }

  close(): void {
    this.#nftables?.close()
    this.#nftables = undefined
  }

  /** The rules of a chain; undefined when there is no such chain. */
  #rulesOf(family: Family, name: string): { readonly comment?: string; readonly handle?: number }[] | undefined {
    try {
      const objects: NftObject[] = this.#open().list({ chain: { family, table: TABLE, name } })
      return objects.flatMap((object) => ('rule' in object ? [object.rule] : []))
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  }

  #run(commands: readonly NftCommand[]): void {
    if (commands.length > 0) this.#open().run(commands)
  }

  #open(): Nftables {
    this.#nftables ??= Nftables.open(this.#host)
    return this.#nftables
  }
}

function markOf(networkId: string): string {
  return `netwright:${networkId.slice(0, 12)}`
}

/** Commands that put a network's rules before all others, the first of them first. */
function passage(family: Family, networkId: string, bridge: string, isolated: boolean): NftCommand[] {
  const [comesFrom, goesTo] = [interfaceIs('iifname', '==', bridge), interfaceIs('oifname', '==', bridge)]
  const leaves = [comesFrom, interfaceIs('oifname', '!=', bridge)]
  const rules: NftStatement[][] = [
    [goesTo, { accept: null }],
    ...(isolated ? [[...leaves, { jump: { target: ISOLATION } }]] : []),
    [...leaves, { accept: null }],
  ]
  const at = { family, table: TABLE, chain: CHAIN, comment: markOf(networkId) }
  // Each is inserted before the one that was inserted before.
  return rules.reverse().map((expr) => ({ insert: { rule: { ...at, expr } } }))
}

function interfaceIs(key: string, op: '==' | '!=', right: NftExpression): NftStatement {
  return { match: { op, left: { meta: { key } }, right } }
}
