/**
 * nftables through libnftables. Read `nftables.ts` for what can be asked, `objects.ts` and `statements.ts` for the shapes of
 * rule sets, `library.ts` for the binding. Rules made by iptables-nft are here too: what nftables cannot express shows as an
 * `xt` statement. Those of iptables-legacy are not; see `../iptables/`.
 */
export { NftablesError, type NftRequest } from './error.ts'
export { NftablesMissingError } from './library.ts'
export { Nftables, type NftEcho } from './nftables.ts'
export type {
  NftChain,
  NftChainType,
  NftCommand,
  NftCounter,
  NftElements,
  NftFamily,
  NftFlowtable,
  NftHook,
  NftListing,
  NftMap,
  NftName,
  NftObject,
  NftOther,
  NftReference,
  NftRule,
  NftRuleName,
  NftScope,
  NftSet,
  NftTable,
  NftTableName,
} from './objects.ts'
export type {
  NftElement,
  NftExpression,
  NftLimit,
  NftLog,
  NftOperator,
  NftPayload,
  NftQuota,
  NftStatement,
  NftTranslation,
  NftVerdict,
  OneOf,
  OneOrMany,
} from './statements.ts'
