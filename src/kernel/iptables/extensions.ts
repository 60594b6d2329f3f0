/** Which decoder reads which extension. An extension that nobody reads keeps its name and bytes. */
import type { RawExtension } from './entry.ts'
import { matchDecoders } from './matches.ts'
import type { ExtensionDecoders } from './options.ts'
import type { IptablesExtension, IptablesFamily } from './rule.ts'
import { targetDecoders } from './targets.ts'

/** Decodes a match (`-m`). */
export function decodeMatch(match: RawExtension, family: IptablesFamily): IptablesExtension {
  return decode(matchDecoders, match, family)
}

/** Decodes a target extension (`-j`). */
export function decodeTarget(target: RawExtension, family: IptablesFamily): IptablesExtension {
  return decode(targetDecoders, target, family)
}

function decode(
  decoders: ExtensionDecoders,
  { name, revision, data }: RawExtension,
  family: IptablesFamily,
): IptablesExtension {
  const key = `${name}/${revision}`
  const decoder = decoders.get(`${family}:${key}`) ?? decoders.get(key)
  const options = decoder !== undefined && data.length >= decoder.size ? decoder.decode(data, family) : undefined
  return { name, revision, options, data: Buffer.from(data) }
}
