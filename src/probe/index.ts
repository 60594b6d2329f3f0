/**
 * The room of probes: questions to the network, asked from within any namespace by sockets that kernel/ opens there, so that
 * nothing need be installed where they are asked. Each folder is one probe and has an `index.ts`; read `dns/` first, because
 * the others have it turn names into addresses.
 */

export * from './capture/index.ts'
export * from './dns/index.ts'
export * from './http/index.ts'
export * from './path/index.ts'
export * from './ping/index.ts'
export * from './scan/index.ts'
export * from './sockets/index.ts'
export * from './tcp/index.ts'
export * from './throughput/index.ts'
export * from './tools/index.ts'
export * from './top/index.ts'
export * from './traffic/index.ts'
export * from './udp/index.ts'
export * from './wire/index.ts'
