/**
 * The kernel's room: everything that Netwright asks of Linux, as typed values. Read `libc.ts` (every C function there is)
 * and `errors.ts` (how a refusal looks) first; then `netns/` (namespaces: open, identify, enter) and `netlink/` (the codec:
 * values, attribute tables, message kinds; the socket: requests, dumps, batches). Every family stands on those two:
 * `rtnetlink/` for links, addresses, routes and neighbours, and its siblings for generic netlink, sockets, conntrack and the
 * rest. What is not netlink (processes, mounts, settings, nftables, packets) has a file or a folder of its own.
 */

export * from './conntrack/index.ts'
export * from './errors.ts'
export { type Execution, execInNamespace } from './exec.ts'
export { FileLock } from './file-lock.ts'
export * from './genetlink/index.ts'
export { type HeldPort, type HeldProtocol, holdPort, type PortToHold } from './held-port.ts'
export * from './inet/index.ts'
export * from './iptables/index.ts'
export {
  type Mount,
  type NsfsMount,
  nsfsMounts,
  parseMountTable,
  parseNsfsMounts,
  readMountTable,
} from './mount-table.ts'
export { bindMount, bindMountDescriptor, type Propagation, setPropagation, unmount } from './mounts.ts'
export { formatIPv4, formatIPv6, parseIp, parseMac } from './netlink/address-value.ts'
export {
  type NetlinkChannel,
  NetlinkProtocol,
  openChannel,
  openSocket,
  type SocketInit,
} from './netlink/channel.ts'
export { type Announcement, type MonitorInit, type MonitorItem, NetlinkMonitor } from './netlink/monitor.ts'
export { DumpInterruptedError, NetlinkError, type Refusal } from './netlink/refusal.ts'
export {
  type AnyRequest,
  type BatchOutcome,
  NetlinkSocket,
  type Query,
  type Request,
} from './netlink/socket.ts'
export { enter, type NamespaceHandle } from './netns/enter.ts'
export { cookieOfSocket, identityOf, inodeOf, isNetworkNamespace, type NamespaceIdentity } from './netns/identity.ts'
export { NAMED_NAMESPACES, Namespace, type NamespaceSource, namespacePathOfProcess } from './netns/namespace.ts'
export { type ListedNamespace, listNamespaces, openNamespaceById } from './netns/namespace-list.ts'
export { pinNamespace, prepareNamedNamespaces, unpinNamespace } from './netns/pin.ts'
export { inodesOfTun, openNamespaceOfSocket, openNamespaceOfTun, SocketNamespaces } from './netns/socket-namespace.ts'
export { type NamespaceTrace, openTrace } from './netns/trace.ts'
export { spawnInNamespace } from './netns/worker.ts'
export * from './nf-tables/index.ts'
export * from './nftables/index.ts'
export * from './packet/index.ts'
export { type PrivateFile, showPrivately } from './private-files.ts'
export * from './proc/index.ts'
export { readFileOfProcess } from './process-file.ts'
export { holdPathOfProcess, networkNamespaceOfProcess, type ProcessPath, userOfProcess } from './process-path.ts'
export { bootedAt, processStartedAt, startTimeOf } from './process-start.ts'
export * from './rtnetlink/index.ts'
export * from './sock-diag/index.ts'
export {
  interfaceSysctl,
  readInterfaceSysctls,
  readSysctl,
  readSysctls,
  type SysctlFamily,
  sysctlPath,
  writeSysctl,
} from './sysctl.ts'
export { notifyServiceManager, type ServiceEnvironment, watchdogMilliseconds } from './systemd.ts'
export { listenerOfUnixSocket } from './unix-peer.ts'
export * from './xfrm/index.ts'
