/** Versions of the Container Network Interface. */
import { CniCode, CniError } from './cni-error.ts'

/** Versions whose configurations are read and whose results are written, oldest first. */
export const CNI_VERSIONS = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const

/** A version that is spoken here. */
export type CniVersion = (typeof CNI_VERSIONS)[number]

/** What is spoken when the configuration does not say, as in an answer about one that cannot be read. */
export const NEWEST_VERSION: CniVersion = '1.1.0'

/** The version that a configuration names. @throws CniError 1 */
export function versionOf(text: string | undefined): CniVersion {
  const version = CNI_VERSIONS.find((version) => version === text)
  if (version !== undefined) return version
  const given =
    text === undefined
      ? 'the configuration names no cniVersion'
      : `cniVersion ${JSON.stringify(text.slice(0, 40))} is not known`
  throw new CniError(CniCode.incompatibleVersion, `${given}; known are ${CNI_VERSIONS.join(', ')}`)
}

/** True when `version` is `other` or came after it. */
export function atLeast(version: CniVersion, other: CniVersion): boolean {
  return CNI_VERSIONS.indexOf(version) >= CNI_VERSIONS.indexOf(other)
}
