/** A conversation with nftables in one namespace, by way of libnftables and its JSON (libnftables-json(5)). */
import { AF_NETLINK, F_SETFD, SOCK_RAW } from '../constants.ts'
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { SOL_NETLINK } from '../netlink/channel.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { NftablesError, type NftRequest } from './error.ts'
import { type NftLibrary, NftOutput, nftLibrary } from './library.ts'
import { keepLowDescriptors, mustBeLow, withLowDescriptor } from './low-descriptors.ts'
import type { NftCommand, NftListing, NftObject, NftRuleName, NftTableName } from './objects.ts'
import { parseRuleTexts } from './rule-text.ts'

/** What a command did, as the kernel reported it: the object with its handle, under the verb. */
export type NftEcho = { readonly [verb in 'add' | 'insert' | 'replace' | 'delete' | 'create']?: NftObject }

/** How libnftables prints; `dry` only checks. */
interface Mode {
  readonly output: number
  readonly dry?: boolean
}

const JSON_OUTPUT = NftOutput.json | NftOutput.handle

/**
 * nftables in a namespace. libnftables opens its netlink socket when the context is made, but it looks up interface names
 * through further sockets of each command; so everything happens inside the namespace, which must stay open as long as this.
 * Close it when done.
 */
export class Nftables {
  readonly #library: NftLibrary
  readonly #namespace: NamespaceHandle
  #context: unknown

  private constructor(library: NftLibrary, namespace: NamespaceHandle, context: unknown) {
    this.#library = library
    this.#namespace = namespace
    this.#context = context
  }

  /**
   * Opens nftables in `namespace`.
   * @throws NftablesMissingError without the library
   * @throws KernelError EPROTONOSUPPORT when the kernel lacks nfnetlink, EPERM when the namespace cannot be entered
   */
  static open(namespace: NamespaceHandle): Nftables {
    const library = nftLibrary()
    const context = withLowDescriptor(() => enter(namespace, () => createContext(library)))
    library.bufferOutput(context)
    library.bufferError(context)
    return new Nftables(library, namespace, context)
  }

  /**
   * Carries out commands as one transaction: all of them or none.
   * @throws NftablesError with the library's text
   */
  run(commands: readonly NftCommand[]): void {
    this.#execute(commands, { output: JSON_OUTPUT })
  }

  /**
   * Carries out commands in nft's own notation (nft(8)), as one transaction. Nothing of it may come from outside unseen: the
   * notation can name files to read.
   * @throws NftablesError with the library's text
   */
  runText(commands: string): void {
    const { status, complaint } = this.#give(commands, { output: NftOutput.handle })
    if (status !== 0) throw new NftablesError([], complaint, this.#namespace.label)
  }

  /** As `run`, and tells what was made, with the handles that the kernel gave. */
  runEchoing(commands: readonly NftCommand[]): NftEcho[] {
    const text = this.#execute(commands, { output: JSON_OUTPUT | NftOutput.echo })
    return parse<NftEcho>(text)
  }

  /** Has the kernel check commands without carrying them out. @throws NftablesError when they would fail */
  check(commands: readonly NftCommand[]): void {
    this.#execute(commands, { output: JSON_OUTPUT, dry: true })
  }

  /**
   * Objects of the rule set, all with handles: by default everything, in the order of `nft list ruleset`.
   * @throws NftablesError ENOENT when the table, chain … to list does not exist
   */
  list(what: NftListing = { ruleset: null }): NftObject[] {
    return parse<NftObject>(this.#execute([{ list: what }], { output: JSON_OUTPUT }))
  }

  /**
   * A rule in nft's own notation, as `nft list` prints it; undefined when the chain has no such rule (any more).
   * @throws NftablesError ENOENT without such a chain
   */
  ruleText(rule: NftRuleName): string | undefined {
    const { family, table, chain: name, handle } = rule
    return this.#texts({ family, name: table }, { chain: { family, table, name } }).get(handle)
  }

  /** All rules of a table in nft's own notation, by handle. @throws NftablesError ENOENT without such a table */
  ruleTexts(table: NftTableName): Map<number, string> {
    return this.#texts(table, { table: { family: table.family, name: table.name } })
  }

  close(): void {
    if (this.#context === undefined) return
    this.#library.free(this.#context)
    this.#context = undefined
    keepLowDescriptors()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /**
   * Lists in nft's notation. The library then takes commands in that notation too, which cannot write every name that the
   * kernel allows; objects with other names are found in the listing of the family.
   */
  #texts(table: NftTableName, what: NftListing): Map<number, string> {
    const mode = { output: NftOutput.handle | NftOutput.terse }
    let listing = this.#attempt(listCommand(what), mode)
    if (listing === undefined) {
      // In JSON any name can be written: this throws when there is no such object.
      this.#execute([{ list: what }], { output: JSON_OUTPUT | NftOutput.terse })
      listing = this.#attempt(`list ruleset ${table.family}`, mode) ?? ''
    }
    return parseRuleTexts(listing, table)
  }

  #attempt(command: string | undefined, mode: Mode): string | undefined {
    if (command === undefined) return undefined
    const { status, output } = this.#give(command, mode)
    return status === 0 ? output : undefined
  }

  /** Runs commands in JSON and gives what the library printed. */
  #execute(commands: readonly NftRequest[], mode: Mode): string {
    const { status, output, complaint } = this.#give(JSON.stringify({ nftables: commands }), mode)
    // The library also warns, of tables that iptables-nft manages; only a failed status makes it an error.
    if (status !== 0) throw new NftablesError(commands, complaint, this.#namespace.label)
    return output
  }

  /** Reading the library's two buffers also empties them for the next run. */
  #give(commands: string, mode: Mode): { status: number; output: string; complaint: string } {
    const context = this.#context
    if (context === undefined) throw new TypeError('nftables of this namespace was closed')
    const library = this.#library
    library.setOutputFlags(context, mode.output)
    library.setDryRun(context, mode.dry === true)
    const status = enter(this.#namespace, () => library.run(context, commands))
    return { status, output: library.output(context), complaint: library.error(context) }
  }
}

const NETLINK_NETFILTER = 12
/** linux/netlink.h */
const NETLINK_ADD_MEMBERSHIP = 1
/** linux/netfilter/nfnetlink.h */
const NFNLGRP_NFTABLES = 7
const FD_CLOEXEC = 1

/**
 * Makes a context. libnftables ends the process when it cannot open its socket, so one is opened and closed first; and its
 * socket would be inherited by child processes and keep the namespace alive, so that is switched off: the kernel gives the
 * lowest free number, which is the one that just became free. Without CAP_NET_ADMIN the library writes a line of its own to
 * standard error; to join nfnetlink's groups takes the same privilege, and fails quietly.
 */
function createContext(library: NftLibrary): unknown {
  const fd = check(libc.socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER), 'open nftables')
  try {
    const group = Buffer.from(Uint32Array.of(NFNLGRP_NFTABLES).buffer)
    check(libc.setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, group.length), 'open nftables')
  } finally {
    libc.close(fd)
  }
  mustBeLow(fd)
  const context = library.create(0)
  libc.fcntl(fd, F_SETFD, FD_CLOEXEC)
  return context
}

/** The objects in the library's answer, without the first one, which describes the library. */
function parse<T>(text: string): T[] {
  if (text === '') return []
  const answer = JSON.parse(text) as { readonly nftables?: readonly (T & object)[] }
  return (answer.nftables ?? []).filter((object) => !('metainfo' in object))
}

/** The command that lists a table or chain, in nft's notation; undefined when its grammar has no way to write the name. */
function listCommand(what: NftListing): string | undefined {
  if ('table' in what && isWord(what.table.name)) return `list table ${what.table.family} ${what.table.name}`
  if ('chain' in what && isWord(what.chain.table) && isWord(what.chain.name)) {
    return `list chain ${what.chain.family} ${what.chain.table} ${what.chain.name}`
  }
  return undefined
}

/** A name in nft(8)'s lexical conventions. Some words of its language are names as well; listing those by name fails. */
function isWord(name: string): boolean {
  return /^[a-z][a-z0-9/\\_.-]*$/i.test(name)
}
