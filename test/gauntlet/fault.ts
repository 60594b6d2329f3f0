/** Faults: how a world is broken, and what must be said about it. */
import type { World } from './world.ts'

/** A question to `trace`. */
export interface Question {
  /** Short name of the namespace that asks. */
  readonly from: string
  /** Short name, address or DNS name. */
  readonly to: string
  readonly flags?: readonly string[]
}

/** A way to break a world. */
export interface Fault {
  readonly name: string
  /** What is there before it breaks: servers. */
  readonly prepare?: (world: World) => unknown
  readonly break: (world: World) => unknown
  /** What `trace` must answer: one of `codes`, at one of the namespaces `at`, naming a rule that matches `rule`. */
  readonly trace?: Question & {
    readonly codes: readonly string[]
    readonly at: readonly string[]
    readonly rule?: RegExp
  }
  /** What `doctor` must report: one of `codes` about one of the namespaces `at`, or about the name `called`. */
  readonly doctor?: { readonly codes: readonly string[]; readonly at: readonly string[]; readonly called?: string }
  /** Holds again once the printed commands were run: a namespace and a shell test. */
  readonly mended?: readonly [short: string, test: string]
}

/** A kind of world with the questions that it answers while it is whole, and the ways to break it. */
export interface Gauntlet {
  readonly name: string
  readonly build: (world: World) => unknown
  readonly healthy: readonly (Question & { readonly prepare?: (world: World) => unknown })[]
  readonly faults: readonly Fault[]
}

/** A ping that waits half a second. */
export const ping = (to: string): string => `ping -n -c1 -W0.5 ${to}`
/** A TCP connection that is accepted within a second. */
export const connect = (to: string, port: number): string => `timeout 1 bash -c '</dev/tcp/${to}/${port}'`
/** A filter that drops in a table of somebody's own. */
export const guard = (family: string, hook: string, match: string, verdict = 'drop', priority = 0): string =>
  `nft add table ${family} guard; nft 'add chain ${family} guard ${hook} { type filter hook ${hook} priority ${priority}; }'; nft add rule ${family} guard ${hook} ${match} counter ${verdict}`
