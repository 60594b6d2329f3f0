/** What a network plugin may answer, checked: it says what happens to interfaces of the host. */
import { isIP, isIPv4 } from 'node:net'
import type { EndpointRecord, JoinRecord, StaticRoute } from '../../model.ts'
import type { AnswerReader } from '../../plugins/index.ts'
import type { DriverCapabilities, EndpointAdditions } from '../driver.ts'
import { addressesOf } from './requests.ts'

/** Answer of NetworkDriver.GetCapabilities. @throws EngineError plugin-failed when its scope is neither local nor global */
export function readCapabilities(answer: AnswerReader): DriverCapabilities {
  const scope = answer.text('Scope')
  if (scope !== 'local' && scope !== 'global') throw answer.wrong('Scope', scope, 'local or global is wanted')
  return { scope, addresses: true, single: false, gateway: true }
}

/**
 * Answer of NetworkDriver.CreateEndpoint: what the plugin fills in.
 * @throws EngineError plugin-failed when it changes what it was given, or gives what is no address
 */
export function readAdditions(answer: AnswerReader, endpoint: EndpointRecord): EndpointAdditions {
  const given = answer.object('Interface')
  const asked = { ...addressesOf(endpoint), MacAddress: endpoint.macAddress ?? '' }
  const read = (name: keyof typeof asked, valid: (text: string) => boolean, wanted: string): string => {
    const text = given.text(name)
    if (text === '') return ''
    if (asked[name] !== '') throw given.wrong(name, text, `${asked[name]} was given, which a plugin must not change`)
    if (!valid(text)) throw given.wrong(name, text, wanted)
    return text
  }
  const macAddress = read('MacAddress', isMac, 'a MAC address is wanted').toLowerCase()
  const addresses = [
    read('Address', (text) => isPrefix(text, 4), 'an IPv4 address with prefix length is wanted'),
    read('AddressIPv6', (text) => isPrefix(text, 6), 'an IPv6 address with prefix length is wanted'),
  ].filter((address) => address !== '')
  return {
    ...(macAddress === '' ? {} : { macAddress }),
    ...(addresses.length === 0 ? {} : { addresses: [...endpoint.addresses, ...addresses] }),
  }
}

/** Answer of NetworkDriver.Join. */
export interface JoinAnswer extends Omit<JoinRecord, 'interfaceName' | 'source'> {
  /** Interface of the host that is to be moved into the sandbox; empty when there is none. */
  readonly source: string
  /** What its name in the sandbox begins with. */
  readonly prefix: string
}

/** Reads it. @throws EngineError plugin-failed, naming the field that is not as it must be */
export function readJoin(answer: AnswerReader): JoinAnswer {
  const names = answer.object('InterfaceName')
  const source = names.text('SrcName')
  const prefix = names.text('DstPrefix') || 'eth'
  if (source !== '' && !isInterfaceName(source)) throw names.wrong('SrcName', source, 'an interface’s name is wanted')
  if (!/^[A-Za-z][\w.-]{0,10}$/.test(prefix)) {
    throw names.wrong('DstPrefix', prefix, 'a letter and up to ten more letters, digits and ._- are wanted')
  }
  const join = {
    source,
    prefix,
    gateway: gateway(answer, 'Gateway', 4),
    gatewayIPv6: gateway(answer, 'GatewayIPv6', 6),
    routes: answer.list('StaticRoutes').map(staticRoute),
    disableGatewayService: answer.flag('DisableGatewayService'),
  }
  const leadsOut = join.gateway !== null || join.gatewayIPv6 !== null || join.routes.length > 0
  if (source === '' && leadsOut) throw names.wrong('SrcName', source, 'gateways and routes need an interface')
  return join
}

function gateway(answer: AnswerReader, name: string, family: 4 | 6): string | null {
  const text = answer.text(name)
  if (text === '') return null
  if (isIP(text) !== family) throw answer.wrong(name, text, `an IPv${family} address is wanted`)
  return text
}

const NEXT_HOP = 0
const CONNECTED = 1

function staticRoute(route: AnswerReader): StaticRoute {
  const destination = route.text('Destination')
  if (!isPrefix(destination, 4) && !isPrefix(destination, 6)) {
    throw route.wrong('Destination', destination, 'a prefix such as 10.1.0.0/16 is wanted')
  }
  const type = route.number('RouteType')
  if (type === CONNECTED) return { destination }
  if (type !== NEXT_HOP) throw route.wrong('RouteType', type, '0 (next hop) or 1 (connected) is wanted')
  const nextHop = route.text('NextHop')
  const family = destination.includes(':') ? 6 : 4
  if (isIP(nextHop) !== family) throw route.wrong('NextHop', nextHop, `an IPv${family} address is wanted`)
  return { destination, nextHop }
}

/** What dev_valid_name (net/core/dev.c) takes, less what would confuse a reader; `lo` stays where it is. */
function isInterfaceName(name: string): boolean {
  return /^[\w.@+-]{1,15}$/.test(name) && name !== '.' && name !== '..' && name !== 'lo'
}

function isMac(text: string): boolean {
  return /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(text)
}

function isPrefix(text: string, family: 4 | 6): boolean {
  const [address = '', length = '', ...rest] = text.split('/')
  if (rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > (family === 4 ? 32 : 128)) return false
  return family === 4 ? isIPv4(address) : isIP(address) === 6
}
