/// What is chosen of the library: the address of the page says it (`#/assets/{id}`), so that back and a bookmark work.
import { effect, signal } from "@preact/signals"

import { CallFailed } from "../api/client"
import { keyTurn } from "../api/key"
import type { Asset } from "../api/types"
import { assets, dropAsset, readAgain } from "./assets"
import { hashOf, idOf } from "./route"

/** The id that the address names, null where it names none. */
export const chosenId = signal<string | null>(idOf(location.hash))

/** The asset that is chosen, null until it is read. One that is listed is shown at once, and read again: it may be gone. */
export const chosen = signal<Asset | null>(null)

/** Why what is chosen can't be shown; empty where nothing is wrong. */
export const missing = signal("")

/** Choose an asset, or none. */
export function choose(id: string | null): void {
  location.hash = hashOf(id)
}

/** Show an asset as it stands now, if it is the chosen one. */
export function showChosen(asset: Asset): void {
  if (asset.id === chosenId.peek()) chosen.value = asset
}

/** Show an asset no longer, and say so where it was chosen. */
export function forgetAsset(id: string, says: string): void {
  dropAsset(id)
  if (id !== chosenId.peek()) return
  chosen.value = null
  missing.value = says
}

window.addEventListener("hashchange", () => (chosenId.value = idOf(location.hash)))

effect(() => {
  const id = chosenId.value
  void keyTurn.value
  missing.value = ""
  chosen.value = assets.peek().find((asset) => asset.id === id) ?? null
  if (id) void read(id)
})

effect(() => {
  const listed = assets.value.find((asset) => asset.id === chosenId.peek())
  if (listed) chosen.value = listed
})

async function read(id: string): Promise<void> {
  try {
    showChosen(await readAgain(id))
  } catch (error) {
    const says = error instanceof CallFailed ? error.message : "It can't be read."
    if (error instanceof CallFailed && error.status === 404) forgetAsset(id, says)
    else if (id === chosenId.peek()) missing.value = says
  }
}
