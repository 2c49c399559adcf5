/// Deleting an asset, after a question.
import { deleteAsset } from "../api/assets"
import { CallFailed } from "../api/client"
import type { Asset } from "../api/types"
import { announce } from "../words/announcing"
import { dropAsset, going } from "./assets"
import { choose, chosenId } from "./chosen"
import { dropJobsOf } from "./jobs"
import { Question } from "./question"
import { SEARCH } from "./search"

/** The question whether to delete it. */
export function Deleting({ asset, close }: { asset: Asset; close: () => void }) {
  return (
    <Question title={`Delete ${asset.name}?`} deed="Delete" keep="Keep it" danger act={() => remove(asset)} close={close}>
      <p>Both the original and what was prepared of it are deleted. Links to them end. There is no way back.</p>
    </Question>
  )
}

async function remove(asset: Asset): Promise<void> {
  going.add(asset.id)
  await deleteAsset(asset.id).catch((error: unknown) => {
    if (error instanceof CallFailed && error.status === 404) return
    going.delete(asset.id)
    throw error
  })
  dropAsset(asset.id)
  dropJobsOf(asset.id)
  announce(`${asset.name} is deleted.`)
  if (chosenId.peek() === asset.id) choose(null)
  document.getElementById(SEARCH)?.focus()
}
