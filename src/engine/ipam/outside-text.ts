/** Reading addresses and address ranges from outside. */
import { type Address, type Prefix, parseAddress, parseCidr } from '../addresses/index.ts'
import { EngineError } from '../errors.ts'

/** Reads an address. @throws EngineError address-invalid */
export function readAddress(text: string): Address {
  try {
    return parseAddress(text)
  } catch (cause) {
    throw new EngineError('address-invalid', `${shown(text)} is not an IP address`, { cause })
  }
}

/** Reads an address range: the address before the slash, and the range. @throws EngineError pool-invalid */
export function readRange(text: string): { address: Address; prefix: Prefix } {
  try {
    return parseCidr(text)
  } catch (cause) {
    throw new EngineError('pool-invalid', `${shown(text)} is not an address range such as 10.60.0.0/24`, { cause })
  }
}

/** Texts from outside are quoted, and not at any length. */
function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
