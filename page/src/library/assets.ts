/// What of the library is shown: the assets read so far, newest first, those alone whose names begin with what is searched.
import { signal } from "@preact/signals"

import { listAssets, readAsset } from "../api/assets"
import { CallFailed } from "../api/client"
import type { Asset } from "../api/types"
import { changed, merged } from "./listing"

/** The assets read so far. */
export const assets = signal<Asset[]>([])

/** What the names begin with that are shown; empty for all. */
export const search = signal("")

/** Whether there is more to read; `reading` while it is, and `trouble` the sentence why it could not be. */
export const more = signal(true)
export const reading = signal(false)
export const trouble = signal("")

/** The assets that are being deleted: the server may still tell of them. */
export const going = new Set<string>()

let cursor: string | null = null
let asking = new AbortController()

/** Begin anew with what is searched. */
export function startOver(q: string): Promise<void> {
  asking.abort()
  asking = new AbortController()
  search.value = q
  cursor = null
  more.value = true
  reading.value = false
  return readMore()
}

/** Read the next page, unless one is being read. */
export async function readMore(): Promise<void> {
  if (reading.value || !more.value) return
  reading.value = true
  const { signal: ended } = asking
  try {
    const page = await listAssets(search.value, cursor, ended)
    assets.value = cursor ? merged(assets.value, page.items) : page.items
    cursor = page.next
    more.value = page.next !== null
    trouble.value = ""
  } catch (error) {
    if (!ended.aborted) trouble.value = sentence(error)
  } finally {
    if (!ended.aborted) reading.value = false
  }
}

/** Read the first page again: something may be new. */
export async function readNewest(): Promise<void> {
  const q = search.value
  const page = await listAssets(q, null)
  if (q !== search.value) return
  const known = new Set(assets.value.map(({ id }) => id))
  const isGap = page.next !== null && known.size > 0 && !page.items.some(({ id }) => known.has(id))
  if (isGap) await startOver(q)
  else assets.value = merged(assets.value, page.items)
}

/** Read an asset again, and show it as it stands. */
export async function readAgain(id: string): Promise<Asset> {
  const asset = await readAsset(id)
  showAsset(asset)
  return asset
}

/** Show an asset as it stands, if it is in the list. */
export function showAsset(asset: Asset): void {
  assets.value = changed(assets.value, asset)
}

/** Show an asset that is new, unless another name is searched. */
export function addAsset(asset: Asset): void {
  if (asset.name.toLowerCase().startsWith(search.value.toLowerCase())) assets.value = merged(assets.value, [asset])
}

/** Show an asset no longer. */
export function dropAsset(id: string): void {
  assets.value = assets.value.filter((asset) => asset.id !== id)
}

function sentence(error: unknown): string {
  return error instanceof CallFailed ? error.message : "The library can't be read."
}
