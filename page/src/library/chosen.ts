/// What is chosen of the library: the address of the page says it (`#/assets/{id}`), so that back and a bookmark work.
import { effect, signal } from "@preact/signals"

import { CallFailed } from "../api/client"
import { keyTurn } from "../api/key"
import type { Asset } from "../api/types"
import { assets, readAgain } from "./assets"
import { hashOf, idOf } from "./route"

/** The id that the address names, null where it names none. */
export const chosenId = signal<string | null>(idOf(location.hash))

/** The asset that is chosen, null until it is read. */
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

window.addEventListener("hashchange", () => (chosenId.value = idOf(location.hash)))

effect(() => {
  const id = chosenId.value
  void keyTurn.value
  missing.value = ""
  chosen.value = assets.peek().find((asset) => asset.id === id) ?? null
  if (id && !chosen.peek()) void read(id)
})

effect(() => {
  const listed = assets.value.find((asset) => asset.id === chosenId.peek())
  if (listed) chosen.value = listed
})

async function read(id: string): Promise<void> {
  try {
    showChosen(await readAgain(id))
  } catch (error) {
    if (id === chosenId.peek()) missing.value = error instanceof CallFailed ? error.message : "It can't be read."
  }
}
