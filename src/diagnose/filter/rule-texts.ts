/** Rules in people's notation, read when a rule is to be named. */
import { type NamespaceHandle, type NfChain, type NfRule, type NfTable, Nftables } from '../../kernel/index.ts'

/** Texts of the rules of one namespace. */
export class RuleTexts {
  readonly #namespace: NamespaceHandle
  readonly #tables = new Map<string, ReadonlyMap<number, string>>()

  constructor(namespace: NamespaceHandle) {
    this.#namespace = namespace
  }

  /** A rule as its tool writes it; when it is gone meanwhile, or the library is not there, what it is known by. */
  text(table: NfTable, chain: NfChain, rule: NfRule): string {
    const key = `${table.family} ${table.name}`
    let texts = this.#tables.get(key)
    if (texts === undefined) {
      texts = this.#read(table)
      this.#tables.set(key, texts)
    }
    return texts.get(rule.handle) ?? `rule with handle ${rule.handle} of chain ${chain.name}`
  }

  #read({ family, name }: NfTable): ReadonlyMap<number, string> {
    try {
      using nftables = Nftables.open(this.#namespace)
      return nftables.ruleTexts({ family, name })
    } catch {
      return new Map()
    }
  }
}
