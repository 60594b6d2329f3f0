/** Names that a runtime's name server would answer, from its records, where no server may be asked. */
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'

/** Addresses of the member of that name, in networks that `from` is a member of too; without prefix lengths. */
export function recordedAddresses(scene: Scene, from: Place, name: string): readonly string[] {
  const wanted = name.replace(/\.$/, '').toLowerCase()
  return scene.graph.networks
    .filter(({ runtime, members }) => runtime !== 'kernel' && members.some((member) => isOf(member.interface, from)))
    .flatMap((network) =>
      network.members.filter((member) => {
        const own = member.name.toLowerCase()
        return own === wanted || `${own}.${network.name.toLowerCase()}` === wanted
      }),
    )
    .flatMap(({ addresses }) => addresses.map((address) => address.split('/')[0] ?? address))
}

function isOf(id: string | null, place: Place): boolean {
  return id?.startsWith(`${place.inode}/`) === true
}
