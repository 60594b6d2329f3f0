/** The interface of an endpoint, on its network's parent and within its sandbox from the first moment. */
import {
  deleteLink,
  getLink,
  hasCode,
  type Link,
  listLinkSummaries,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  newLinkRequest,
  setLink,
} from '../../../kernel/index.ts'
import type { NetworkRecord } from '../../model.ts'
import { aliasOf, ownerOf } from '../bridge/own-mark.ts'
import { makingKind, parentRefusal } from './kernel-refusal.ts'

/** What is to be made. */
export interface ChildPlan {
  readonly endpoint: string
  readonly parent: { readonly index: number; readonly name: string }
  readonly macAddress: string | undefined
  /** Name in the sandbox. */
  readonly interfaceName: string
  readonly info: NonNullable<Link['info']>
}

/**
 * Makes an endpoint's interface. The host's socket knows the parent, the sandbox's descriptor the place; the mark can only be
 * set afterwards, from within. In between the interface has a name that tells whose it is.
 * @throws EngineError kernel-lacks, parent-unknown, parent-taken
 */
export function makeChild(
  host: NetlinkSocket,
  sandbox: NamespaceHandle,
  network: NetworkRecord,
  plan: ChildPlan,
): void {
  const { endpoint, parent, macAddress, interfaceName, info } = plan
  const name = birthName(endpoint)
  const address = macAddress === undefined ? {} : { address: macAddress }
  const request = newLinkRequest({ name, link: parent.index, netNsFd: sandbox.fd, ...address, info })
  try {
    makingKind(info.kind ?? '', network, () => host.request(request))
  } catch (error) {
    throw parentRefusal(error, network, parent.name)
  }
  within(sandbox, (socket) => {
    const { index } = getLink(socket, { name })
    setLink(socket, { index }, { name: interfaceName, alias: aliasOf(endpoint) })
  })
}

/** Removes an endpoint's interface from a sandbox, also one that was just being made. */
export function removeChild(sandbox: NamespaceHandle, kind: string, endpoint: string): void {
  within(sandbox, (socket) => {
    for (const link of listLinkSummaries(socket)) {
      if (link.info?.kind !== kind) continue
      if (ownerOf(link.alias) === endpoint || link.name === birthName(endpoint)) remove(socket, link.index)
    }
  })
}

/** Interfaces' names have up to 15 characters (IFNAMSIZ, linux/if.h). */
function birthName(endpoint: string): string {
  return `nwt${endpoint.slice(0, 12)}`
}

function remove(socket: NetlinkSocket, index: number): void {
  try {
    deleteLink(socket, { index })
  } catch (error) {
    // Its parent was removed at the same moment, and took it along.
    if (!hasCode(error, 'ENODEV')) throw error
  }
}

function within(namespace: NamespaceHandle, work: (socket: NetlinkSocket) => void): void {
  const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  try {
    work(socket)
  } finally {
    socket.close()
  }
}
