/** The two namespaces between which something is measured, and the address of the second. */
import { isIP } from 'node:net'
import { openTarget, type ResolvedTarget } from '../../../host/index.ts'
import { hasCode, type Namespace } from '../../../kernel/index.ts'
import { CannotError, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { oneText } from '../engine/key-values.ts'
import { namedTarget } from '../ns/named-target.ts'
import { resolveDestination, wantedFamily } from './destination.ts'
import { openOrigin } from './origin.ts'

/** Both ends. Close them when done. */
export interface TwoEnds {
  readonly from: { readonly namespace: Namespace; readonly label: string }
  readonly to: { readonly namespace: Namespace; readonly label: string }
  /** Of `to`. */
  readonly address: string
  [Symbol.dispose](): void
}

/** Opens FROM and TO. @throws TargetError, CannotError when there is no such namespace, or no address to reach it by */
export async function openTwoEnds(invocation: Invocation): Promise<TwoEnds> {
  const origin = await openOrigin(invocation)
  try {
    const word = String(invocation.arguments['TO'])
    if (isIP(word) !== 0)
      throw new UsageError(`${word} is an address: TO is a namespace here, since something must answer there`)
    const target = namedTarget(word, origin.graph, invocation.terminal)
    const address = await addressOf(invocation, origin, target)
    const namespace = openTarget(target)
    return {
      from: origin,
      to: { namespace, label: target.label },
      address,
      [Symbol.dispose]: () => {
        origin[Symbol.dispose]()
        namespace.close()
      },
    }
  } catch (error) {
    origin[Symbol.dispose]()
    throw error
  }
}

async function addressOf(
  invocation: Invocation,
  origin: Awaited<ReturnType<typeof openOrigin>>,
  target: ResolvedTarget,
): Promise<string> {
  const given = oneText(invocation.options['address'])
  const family = wantedFamily(invocation)
  if (given === undefined) {
    // A word with its prefix, which is no domain name.
    const { address } = await resolveDestination(origin, `inode:${target.inode}`, family, invocation.signal)
    return address
  }
  if (isIP(given.split('%')[0] ?? '') === 0)
    throw new UsageError(`--address takes an IP address, not ${printable(given, 60)}`)
  return given
}

/** What a connection that cannot be made says. */
export function withoutWay(error: unknown, { from, to, address }: TwoEnds): unknown {
  if (!hasCode(error, 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT', 'ECONNREFUSED', 'EACCES')) return error
  return new CannotError(
    `${to.label} is not reached from ${from.label} at ${address}: ${(error as Error).message}; ` +
      `netwright trace ${from.label} ${address} shows where it ends`,
  )
}
