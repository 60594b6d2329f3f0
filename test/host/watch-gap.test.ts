/** A watch whose socket overruns. */
import { afterEach, expect, test } from 'vitest'
import { inodeOfName, ip, ipBatch, NamedNamespaces } from '../support/iproute.ts'
import { Watching } from '../support/watching.ts'

const namespaces = new NamedNamespaces('gap')
let watching: Watching | undefined

afterEach(async () => {
  await watching?.close()
  watching = undefined
  namespaces.close()
})

test('what was missed is told after the gap, exactly', async () => {
  const [stays, goes] = [namespaces.add('stays'), namespaces.add('goes')]
  ipBatch(['link add old type ifb', 'link set old up', 'addr add 10.9.0.1/24 dev old', 'link add kept type ifb'], {
    inside: stays,
  })
  // The least that a socket can have (SOCK_MIN_RCVBUF): it holds an announcement or two.
  watching = await Watching.start({ receiveBuffer: 2304 })
  // This thread does nothing else meanwhile, so that the socket overruns for certain.
  const goneInode = inodeOfName(goes)
  ip(`netns del ${goes}`)
  const comes = namespaces.add('comes')
  ipBatch(['link add inside type ifb'], { inside: comes })
  ipBatch(
    [
      ...Array.from({ length: 50 }, (_, i) => `link set kept mtu ${1400 + i}`),
      'link set old name new',
      'addr add 10.9.1.1/24 dev new',
      'route add 10.8.0.0/16 via 10.9.0.2',
      'link del kept',
    ],
    { inside: stays },
  )
  await watching.until(({ action }) => action === 'resynchronised')
  await watching.until(({ object, namespace }) => object === 'link' && namespace?.names[0] === comes)
  await watching.until(
    ({ object, action, namespace }) => object === 'namespace' && action === 'removed' && namespace?.inode === goneInode,
  )
  // Announcements that came through before the gap may have told of the first of fifty changes already.
  const summary = watching.about(stays).filter(({ before, after }) => before?.['name'] !== 'kept' || after === null)
  expect(summary.map(({ action, object, subject }) => `${action} ${object} ${subject}`).sort()).toEqual([
    'added address 10.9.1.1/24 on new',
    'added route 10.8.0.0/16 via 10.9.0.2 on new',
    'added route 10.9.1.0/24 on new',
    'changed link new',
    'removed forwarding 33:33:00:00:00:01 on kept',
    'removed link kept',
  ])
  expect(watching.about(comes).map(({ action, object, subject }) => `${action} ${object} ${subject}`)).toEqual(
    expect.arrayContaining([`added namespace ${comes}`, 'added link inside']),
  )
})

test('changes are told on after a gap', async () => {
  const name = namespaces.add('on')
  ipBatch(['link add a0 type ifb'], { inside: name })
  watching = await Watching.start({ receiveBuffer: 2304 })
  ipBatch(
    Array.from({ length: 100 }, (_, i) => `link set a0 mtu ${1300 + i}`),
    { inside: name },
  )
  await watching.until(({ action }) => action === 'resynchronised')
  await watching.until(({ namespace, after }) => namespace?.names[0] === name && after?.['mtu'] === 1399)
  ipBatch(['link set a0 mtu 1500'], { inside: name })
  await watching.until(({ namespace, after }) => namespace?.names[0] === name && after?.['mtu'] === 1500)
})
