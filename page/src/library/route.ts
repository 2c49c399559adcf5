/// The page's addresses: the part behind the hash names what is chosen.

/** The id of the asset that a hash names, null if it names none. */
export function idOf(hash: string): string | null {
  const found = /^#\/assets\/([\w~.%-]+)$/.exec(hash)?.[1]
  try {
    return found ? decodeURIComponent(found) : null
  } catch {
    return null
  }
}

/** The hash that names an asset, or the library. */
export function hashOf(id: string | null): string {
  return id === null ? "#/" : `#/assets/${encodeURIComponent(id)}`
}
