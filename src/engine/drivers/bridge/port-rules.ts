/** Published ports as elements of the table's maps. */
import type { NftCommand, NftExpression } from '../../../kernel/index.ts'
import type { PortBinding } from '../../model.ts'
import { familyOfText } from './pools.ts'
import { elements, MapName } from './table.ts'

/** A binding, and the address of the container that it leads to. */
export interface LedPort {
  readonly binding: PortBinding
  readonly containerAddress: string
}

/** Commands that open or close ports. */
export function portCommands(verb: 'add' | 'delete', ports: readonly LedPort[]): NftCommand[] {
  const byMap = new Map<string, NftExpression[]>()
  for (const { map, element } of ports.flatMap(elementsOf)) byMap.set(map, [...(byMap.get(map) ?? []), element])
  return [...byMap].map(([map, elem]) => elements(verb, map, elem))
}

function elementsOf({ binding, containerAddress }: LedPort): { map: string; element: NftExpression }[] {
  const { protocol, hostAddress, hostPort, containerPort } = binding
  const family = familyOfText(containerAddress)
  if (hostAddress === containerAddress) {
    return [{ map: MapName.open[family], element: { concat: [containerAddress, protocol, containerPort] } }]
  }
  const any = hostAddress === '0.0.0.0' || hostAddress === '::'
  const key = { concat: any ? [protocol, hostPort] : [hostAddress, protocol, hostPort] }
  const addresses = any ? MapName.anyAddress : MapName.portAddress
  const numbers = any ? MapName.anyNumber : MapName.portNumber
  return [
    { map: addresses[family], element: [key, containerAddress] },
    { map: numbers[family], element: [key, containerPort] },
    ...(hostAddress === '::' ? [{ map: MapName.notOnLoopback, element: key }] : []),
  ]
}
