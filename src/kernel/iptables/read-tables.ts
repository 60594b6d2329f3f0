/**
 * Reading the rule sets of iptables-legacy by getsockopt(2), as iptables itself does. Asking for a table that is not there
 * makes the kernel create it (since Linux 5.15, per namespace; before, by loading its module), after which packets pass
 * through it. So only tables that the kernel lists are asked for.
 */
import { SOCK_CLOEXEC, SOCK_RAW } from '../constants.ts'
import { KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { readU32, writeU32 } from '../netlink/byte-order.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { readFileHere } from '../read-file.ts'
import { decodeTable, type TableInfo } from './decode-table.ts'
import type { IptablesFamily, IptablesTable } from './rule.ts'

interface FamilySocket {
  readonly domain: number
  readonly level: number
  readonly tableNames: string
}

const families: Record<IptablesFamily, FamilySocket> = {
  ip: { domain: 2, level: 0, tableNames: '/proc/thread-self/net/ip_tables_names' },
  ip6: { domain: 10, level: 41, tableNames: '/proc/thread-self/net/ip6_tables_names' },
}

const IPPROTO_RAW = 255
const GET_INFO = 64
const GET_ENTRIES = 65
const TABLE_NAME_LENGTH = 32
/** struct ipt_getinfo */
const INFO_LENGTH = 84
/** struct ipt_get_entries without its entries, which are aligned to eight bytes. */
const ENTRIES_HEADER = 40
/** A table that is replaced between the question for its size and the one for its entries is asked again this often. */
const ATTEMPTS = 5

/** A table as the kernel gave it. */
export interface RawTable extends TableInfo {
  readonly name: string
  readonly blob: Buffer
}

/**
 * All tables of iptables-legacy in `namespace`, of both families; empty when none is in use there. Rules made by
 * iptables-nft are not among them: nftables shows those.
 * @throws KernelError EPERM, EACCES without CAP_NET_ADMIN over the namespace
 */
export function readIptables(namespace: NamespaceHandle): IptablesTable[] {
  return (['ip', 'ip6'] as const).flatMap((family) =>
    readRawTables(namespace, family).map((table) => decodeTable(family, table.name, table, table.blob)),
  )
}

/** The tables of a family before decoding. */
export function readRawTables(namespace: NamespaceHandle, family: IptablesFamily): RawTable[] {
  return enter(namespace, () => {
    const names = tableNames(family)
    if (names.length === 0) return []
    const { domain } = families[family]
    const socket = libc.socket(domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW)
    if (socket < 0) throw failure(family, namespace)
    try {
      return names.map((name) => readTable(socket, family, name, namespace))
    } finally {
      libc.close(socket)
    }
  })
}

/** Names of the tables that exist where the thread is. */
function tableNames(family: IptablesFamily): string[] {
  try {
    const text = readFileHere(families[family].tableNames, 'read iptables').toString('latin1')
    return text.split('\n').filter((name) => name !== '')
  } catch (error) {
    // Without the modules there is no such file.
    if (error instanceof KernelError && error.code === 'ENOENT') return []
    throw error
  }
}

function readTable(socket: number, family: IptablesFamily, name: string, namespace: NamespaceHandle): RawTable {
  for (let attempt = 1; ; attempt++) {
    const info = readInfo(socket, family, name)
    const blob = info === undefined ? undefined : readBlob(socket, family, name, info.size)
    if (info !== undefined && blob !== undefined) return { name, ...info, blob }
    const error = failure(family, namespace, name)
    if (error.code !== 'EAGAIN' || attempt === ATTEMPTS) throw error
  }
}

function readInfo(socket: number, family: IptablesFamily, name: string): (TableInfo & { size: number }) | undefined {
  const info = Buffer.alloc(INFO_LENGTH)
  if (!ask(socket, family, GET_INFO, name, info)) return undefined
  const five = (at: number): number[] => Array.from({ length: 5 }, (_, i) => readU32(info, at + 4 * i))
  return { validHooks: readU32(info, 32), hookEntries: five(36), underflows: five(56), size: readU32(info, 80) }
}

function readBlob(socket: number, family: IptablesFamily, name: string, size: number): Buffer | undefined {
  const answer = Buffer.alloc(ENTRIES_HEADER + size)
  writeU32(answer, size, TABLE_NAME_LENGTH)
  return ask(socket, family, GET_ENTRIES, name, answer) ? answer.subarray(ENTRIES_HEADER) : undefined
}

/** getsockopt(2) with the table's name in front of the answer; false leaves errno. */
function ask(socket: number, family: IptablesFamily, question: number, name: string, answer: Buffer): boolean {
  answer.write(name, 0, TABLE_NAME_LENGTH - 1, 'latin1')
  const length = Buffer.alloc(4)
  writeU32(length, answer.length, 0)
  return libc.getsockopt(socket, families[family].level, question, answer, length) === 0
}

function failure(family: IptablesFamily, { label }: NamespaceHandle, table?: string): KernelError {
  return new KernelError({
    operation: 'read iptables',
    errno: libc.errno(),
    subject: table === undefined ? family : `${family} ${table}`,
    ...(label === undefined ? {} : { namespace: label }),
  })
}
