/// A list of assets, newest first and each once, and how pages of it are joined.
import type { Asset } from "../api/types"

/** Both lists as one: what is in both, as it is in the second. */
export function merged(assets: Asset[], others: Asset[]): Asset[] {
  const byId = new Map(assets.map((asset) => [asset.id, asset]))
  for (const asset of others) byId.set(asset.id, asset)
  return [...byId.values()].sort(newestFirst)
}

/** The list with an asset as it stands now, if it is in it. */
export function changed(assets: Asset[], asset: Asset): Asset[] {
  return assets.map((one) => (one.id === asset.id ? asset : one))
}

function newestFirst(a: Asset, b: Asset): number {
  return Date.parse(b.createdAt) - Date.parse(a.createdAt)
}
