/**
 * Messages of nf_tables (linux/netfilter/nf_tables.h): tables, chains, rules, sets, elements, objects, flow tables, the number
 * of the generation. As everywhere in nfnetlink, numbers in attributes are in network order.
 */
import { attribute, attributes, many } from '../netlink/attributes.ts'
import { messageKind } from '../netlink/message.ts'
import { be16, be32, be64, raw, string, struct, u8 } from '../netlink/value.ts'
import { elementList } from './element-list.ts'
import { nfExpression } from './expression.ts'
import { nfData } from './nf-data.ts'

/** NFNL_SUBSYS_NFTABLES in the upper byte, NFT_MSG_* in the lower. */
export const NfTablesMessage = {
  newTable: 0xa00,
  getTable: 0xa01,
  newChain: 0xa03,
  getChain: 0xa04,
  newRule: 0xa06,
  getRule: 0xa07,
  newSet: 0xa09,
  getSet: 0xa0a,
  getSetElements: 0xa0d,
  getGeneration: 0xa10,
  trace: 0xa11,
  getObject: 0xa13,
  getFlowtable: 0xa17,
} as const

/** Messages around a transaction (linux/netfilter/nfnetlink.h). */
export const BatchMessage = { begin: 0x10, end: 0x11 } as const

/** `struct nfgenmsg`. `resource` is the subsystem in the messages around a transaction. */
export const nfnetlinkHeader = struct({ family: u8, version: u8, resource: be16 })

/** NFTA_TABLE_* */
export const nfTable = messageKind(
  nfnetlinkHeader,
  attributes({
    name: attribute(1, string),
    /** Flag 1: it sleeps, nothing in it is asked; 2: it goes with the socket that made it. */
    flags: attribute(2, be32),
    uses: attribute(3, be32),
    handle: attribute(4, be64),
    userData: attribute(6, raw),
    owner: attribute(7, be32),
  }),
)

const devices = attributes({ names: many(1, string) })

/** NFTA_CHAIN_* */
export const nfChain = messageKind(
  nfnetlinkHeader,
  attributes({
    table: attribute(1, string),
    handle: attribute(2, be64),
    name: attribute(3, string),
    hook: attribute(
      4,
      attributes({
        number: attribute(1, be32),
        priority: attribute(2, be32),
        device: attribute(3, string),
        devices: attribute(4, devices),
      }),
    ),
    /** NF_DROP 0, NF_ACCEPT 1; base chains alone have one. */
    policy: attribute(5, be32),
    uses: attribute(6, be32),
    type: attribute(7, string),
    flags: attribute(10, be32),
  }),
)

/** NFTA_RULE_* */
export const nfRule = messageKind(
  nfnetlinkHeader,
  attributes({
    table: attribute(1, string),
    chain: attribute(2, string),
    handle: attribute(3, be64),
    expressions: attribute(4, elementList(nfExpression)),
    compat: attribute(5, attributes({ protocol: attribute(1, be32), flags: attribute(2, be32) })),
    position: attribute(6, be64),
    userData: attribute(7, raw),
  }),
)

/** NFTA_SET_* */
export const nfSet = messageKind(
  nfnetlinkHeader,
  attributes({
    table: attribute(1, string),
    name: attribute(2, string),
    flags: attribute(3, be32),
    keyType: attribute(4, be32),
    keyLength: attribute(5, be32),
    dataType: attribute(6, be32),
    dataLength: attribute(7, be32),
    policy: attribute(8, be32),
    description: attribute(
      9,
      attributes({
        size: attribute(1, be32),
        fields: attribute(2, elementList(attributes({ length: attribute(1, be32) }))),
      }),
    ),
    timeout: attribute(11, be64),
    userData: attribute(13, raw),
    objectType: attribute(15, be32),
    handle: attribute(16, be64),
  }),
)

/** NFTA_SET_ELEM_* */
export const nfElement = attributes({
  key: attribute(1, nfData),
  data: attribute(2, nfData),
  /** Flag 1: an interval ends here; 2: it stands for every key that no other has. */
  flags: attribute(3, be32),
  timeout: attribute(4, be64),
  /** Milliseconds until it goes. */
  expiration: attribute(5, be64),
  userData: attribute(6, raw),
  expression: attribute(7, nfExpression),
  object: attribute(9, string),
  keyEnd: attribute(10, nfData),
  expressions: attribute(11, elementList(nfExpression)),
})

/** NFTA_SET_ELEM_LIST_*: elements of one set, as many as fit a message. */
export const nfElements = messageKind(
  nfnetlinkHeader,
  attributes({
    table: attribute(1, string),
    set: attribute(2, string),
    elements: attribute(3, elementList(nfElement)),
  }),
)

/** NFTA_OBJ_*: the data of an object is laid out as that of the expression of its kind. */
export const nfObject = messageKind(
  nfnetlinkHeader,
  attributes({
    table: attribute(1, string),
    name: attribute(2, string),
    type: attribute(3, be32),
    data: attribute(4, raw),
    uses: attribute(5, be32),
    handle: attribute(6, be64),
  }),
)

/** NFTA_FLOWTABLE_* */
export const nfFlowtable = messageKind(
  nfnetlinkHeader,
  attributes({
    table: attribute(1, string),
    name: attribute(2, string),
    hook: attribute(
      3,
      attributes({ number: attribute(1, be32), priority: attribute(2, be32), devices: attribute(3, devices) }),
    ),
    uses: attribute(4, be32),
    handle: attribute(5, be64),
    flags: attribute(7, be32),
  }),
)

/** NFTA_GEN_*: the number that grows with each transaction. */
export const nfGeneration = messageKind(nfnetlinkHeader, attributes({ id: attribute(1, be32) }))
