/// Assets, as the server keeps them: listing, reading, renaming and deleting them, and the addresses of their audio.
import { assetPath, call } from "./client"
import type { Asset, Listing, Variant } from "./types"

/** Assets that are listed at a time. */
export const PAGE = 50

/** List assets whose names begin with `q`, newest first, from a cursor on. */
export function listAssets(q: string, cursor: string | null, signal?: AbortSignal): Promise<Listing<Asset>> {
  const query = new URLSearchParams({ limit: String(PAGE) })
  if (q) query.set("q", q)
  if (cursor) query.set("cursor", cursor)
  return call("GET", `/api/audio/assets?${query}`, undefined, signal)
}

/** Read an asset. */
export function readAsset(id: string, signal?: AbortSignal): Promise<Asset> {
  return call("GET", assetPath(id), undefined, signal)
}

/** Give an asset another name. */
export function renameAsset(id: string, name: string): Promise<Asset> {
  return call("PATCH", assetPath(id), { name })
}

/** Delete an asset, its bytes, and its live jobs. */
export function deleteAsset(id: string): Promise<void> {
  return call("DELETE", assetPath(id))
}

/** The absolute address at which a variant plays. It is open to whoever knows it. */
export function streamUrl(id: string, variant: Variant): string {
  return new URL(assetPath(id, `/stream?variant=${variant}`), location.origin).href
}

/** The absolute address at which a variant is saved. Its etag stands there too: a browser remembers where an address led to. */
export function downloadUrl({ id, renditions }: Asset, variant: Variant): string {
  return `${streamUrl(id, variant)}&download=1&etag=${encodeURIComponent(renditions[variant]?.etag ?? "")}`
}
