/** The scene does not have what was asked for. */
export class SceneError extends Error {
  override readonly name = 'SceneError'
  /** Inode of the namespace that was asked for. */
  readonly inode: string

  constructor(inode: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.inode = inode
  }
}
