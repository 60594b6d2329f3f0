import { expect, test } from 'vitest'
import { FamilyMissingError, findFamily } from '../../src/kernel/genetlink/index.ts'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/socket.ts'

test('a family is found by its name, with its multicast groups', () => {
  const socket = NetlinkSocket.open(NetlinkProtocol.generic)
  const listed = findFamily(socket, 'ethtool')
  expect(listed.id).toBeGreaterThan(16)
  expect(listed.version).toBe(1)
  expect(listed.groups.get('monitor')).toBeGreaterThan(0)
  expect(findFamily(socket, 'ethtool', { load: true })).toEqual(listed)
  socket.close()
})

test.each([false, true])('a family that the kernel lacks is a typed error (load: %s)', (load) => {
  const socket = NetlinkSocket.open(NetlinkProtocol.generic)
  expect(() => findFamily(socket, 'nwt-no-such', { load })).toThrow(FamilyMissingError)
  expect(() => findFamily(socket, 'nwt-no-such', { load })).toThrow(/no generic netlink family "nwt-no-such"/)
  socket.close()
})
